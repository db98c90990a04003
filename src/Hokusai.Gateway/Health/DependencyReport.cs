using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hokusai.Gateway.Resilience;
using Hokusai.Gateway.Telemetry;

namespace Hokusai.Gateway.Health;

/// <summary>How a dependency is.</summary>
internal enum DependencyHealth
{
    /// <summary>Nobody has asked yet.</summary>
    Unknown,

    Up,

    /// <summary>It serves, but not as it should: some addresses fail, or an old answer stands in.</summary>
    Degraded,

    Down,
}

/// <summary>One dependency at one moment.</summary>
/// <param name="Name"><c>mlflow</c>, <c>auth</c>, <c>dns</c>, <c>redis</c>.</param>
/// <param name="Health">How it is.</param>
/// <param name="Addresses">Where it is, without credentials.</param>
/// <param name="Latency">How long the last probe took.</param>
/// <param name="LastError">What went wrong last, also when it is up again.</param>
/// <param name="Since">Since when it is as it is.</param>
/// <param name="LastProbe">When it was last asked.</param>
/// <param name="Breakers">Its circuit breakers by name.</param>
internal sealed record DependencyState(
    string Name,
    DependencyHealth Health,
    IReadOnlyList<string> Addresses,
    TimeSpan? Latency = null,
    string? LastError = null,
    DateTimeOffset? Since = null,
    DateTimeOffset? LastProbe = null,
    IReadOnlyList<(string Name, BreakerState State)>? Breakers = null)
{
    /// <summary>Since when and why those of its breakers that are not closed opened.</summary>
    public IReadOnlyList<(string Name, BreakerOpening Opening)> OpenBreakers { get; init; } = [];

    /// <summary>With <c>dns</c>: what is looked up.</summary>
    public DnsLookup? Lookup { get; init; }
}

/// <summary>A name that is looked up.</summary>
/// <param name="Query">The name.</param>
/// <param name="ConfirmedAt">When its addresses were last confirmed; null without any.</param>
/// <param name="Ttl">How long what is known is believed.</param>
internal sealed record DnsLookup(string Query, DateTimeOffset? ConfirmedAt, TimeSpan Ttl);

/// <summary>Every dependency with its state, for people: no key is needed to read it, so it holds no secrets.</summary>
internal static partial class DependencyReport
{
    /// <summary>Writes the report.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<DependencyState> dependencies, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("state", Word(Worst(dependencies)));
        json.WriteString("at", Time(now));
        json.WriteStartArray("dependencies");
        foreach (var dependency in dependencies) Write(json, dependency, now);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A text that may be shown to anybody: without keys, and without users and passwords in addresses.</summary>
    public static string Shown(string text) => UserInfo().Replace(Redaction.Text(text), "$1(redacted)@");

    private static void Write(Utf8JsonWriter json, DependencyState dependency, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("name", dependency.Name);
        json.WriteString("state", Word(dependency.Health));
        json.WriteStartArray("addresses");
        foreach (var address in dependency.Addresses) json.WriteStringValue(Shown(address));
        json.WriteEndArray();
        if (dependency.Lookup is { } lookup) Write(json, lookup, now);
        if (dependency.Latency is { } latency) json.WriteNumber("latency_ms", Math.Round(latency.TotalMilliseconds, 3));
        if (dependency.Since is { } since)
        {
            json.WriteString("since", Time(since));
            json.WriteNumber("for_seconds", Math.Round(Math.Max(0, (now - since).TotalSeconds), 1));
        }
        if (dependency.LastProbe is { } probe) json.WriteString("last_probe", Time(probe));
        if (dependency.LastError is { } error) json.WriteString("last_error", Shown(error));
        if (dependency.Breakers is { Count: > 0 } breakers)
        {
            json.WriteStartObject("breakers");
            foreach (var (name, state) in breakers) json.WriteString(name, BreakerStates.Word(state));
            json.WriteEndObject();
        }
        if (dependency.OpenBreakers.Count > 0) WriteOpen(json, dependency.OpenBreakers);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DnsLookup lookup, DateTimeOffset now)
    {
        json.WriteString("query", lookup.Query);
        if (lookup.ConfirmedAt is { } at) json.WriteNumber("age_seconds", Math.Round(Math.Max(0, (now - at).TotalSeconds), 3));
        json.WriteNumber("ttl_seconds", Math.Round(lookup.Ttl.TotalSeconds, 3));
    }

    private static void WriteOpen(Utf8JsonWriter json, IReadOnlyList<(string Name, BreakerOpening Opening)> breakers)
    {
        json.WriteStartObject("open_breakers");
        foreach (var (name, opening) in breakers)
        {
            json.WriteStartObject(name);
            json.WriteString("since", Time(opening.Since));
            json.WriteString("reason", Shown(opening.Reason));
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    // What nobody has asked yet is no reason for alarm.
    private static DependencyHealth Worst(IReadOnlyList<DependencyState> all) => all.Count == 0 ? DependencyHealth.Unknown : all.Max(d => d.Health);

    private static string Word(DependencyHealth health) => health switch
    {
        DependencyHealth.Up => "up",
        DependencyHealth.Degraded => "degraded",
        DependencyHealth.Down => "down",
        _ => "unknown",
    };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"([a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s@]*@", RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();
}
