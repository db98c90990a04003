using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Hokusai.Serve;

/// <summary>
/// Settings of one role from the file and the environment: <c>{"gateway": {"upstream": …}}</c> in hokusai.json, or
/// <c>HOKUSAI_GATEWAY__UPSTREAM</c>. Flags come over both.
/// </summary>
internal sealed class Settings
{
    private const string DefaultFile = "hokusai.json";
    private const string EnvironmentPrefix = "HOKUSAI_";

    private readonly IConfigurationSection _section;
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    private Settings(IConfigurationSection section) => _section = section;

    /// <summary>What could not be read, each with key, value and remedy.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Every setting that was asked for, in the order of asking: all that the role has.</summary>
    public IReadOnlyCollection<string> Known => _known;

    /// <summary>Reads the settings of a role.</summary>
    /// <param name="role">The role's section.</param>
    /// <param name="file">The file; null for hokusai.json in the current folder, if there is one.</param>
    public static Settings Of(string role, string? file)
    {
        if (file is not null && !File.Exists(file)) throw CommandFailure.Usage($"config '{file}': there is no such file");
        try
        {
            var configuration = new ConfigurationBuilder()
                .AddJsonFile(Path.GetFullPath(file ?? DefaultFile), optional: file is null, reloadOnChange: false)
                .AddEnvironmentVariables(EnvironmentPrefix)
                .Build();
            return new Settings(configuration.GetSection(role));
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException)
        {
            throw CommandFailure.Usage($"config '{file ?? DefaultFile}': {e.GetBaseException().Message}");
        }
    }

    /// <summary>The settings of a role in a configuration that was read already.</summary>
    internal static Settings From(string role, IConfiguration configuration) => new(configuration.GetSection(role));

    public string Text(string key, string otherwise) => Find(key) ?? otherwise;

    public string? TextOrNull(string key) => Find(key);

    public bool Flag(string key, bool otherwise) => Read(key, otherwise, "true or false", (string text, out bool value) => bool.TryParse(text, out value));

    public long Number(string key, long otherwise) => Read(key, otherwise, "a whole number", (string text, out long value) => long.TryParse(text, CultureInfo.InvariantCulture, out value));

    public int Count(string key, int otherwise) => Read(key, otherwise, $"a whole number up to {int.MaxValue}", (string text, out int value) => int.TryParse(text, CultureInfo.InvariantCulture, out value));

    public double Share(string key, double otherwise) => Read(key, otherwise, "a number such as 0.5", (string text, out double value) => double.TryParse(text, CultureInfo.InvariantCulture, out value));

    public TimeSpan Time(string key, TimeSpan otherwise) => Read(key, otherwise, "a time such as 00:00:30", ParseTime);

    public T Choice<T>(string key, T otherwise)
        where T : struct, Enum => Read(key, otherwise, string.Join(" or ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName)), (string text, out T value) => Enum.TryParse(text, ignoreCase: true, out value) && Enum.IsDefined(value));

    /// <summary>A list: a JSON array, or one text with commas. Replaces the default as a whole.</summary>
    public IReadOnlyList<string> List(string key, IReadOnlyList<string> otherwise)
    {
        _known.Add(key);
        var items = _section.GetSection(key).GetChildren().Select(c => c.Value ?? "").ToList();
        if (items.Count > 0) return items;
        return _section[key] is { } text ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : otherwise;
    }

    /// <summary>An object of texts.</summary>
    public Dictionary<string, string> Map(string key)
    {
        _known.Add(key);
        return _section.GetSection(key).GetChildren().Where(c => c.Value is not null).ToDictionary(c => c.Key.ToLowerInvariant(), c => c.Value!);
    }

    /// <summary>Reports what is set but means nothing: a typing mistake otherwise keeps a default in force without a word.</summary>
    public void RefuseUnknown()
    {
        foreach (var child in _section.GetChildren().Where(c => !_known.Contains(c.Key)))
            Faults.Add($"{_section.Key} {child.Key}: no such setting; there are {string.Join(", ", _known.Order(StringComparer.OrdinalIgnoreCase))}");
    }

    /// <summary>Ends the command if there are faults, with all of them at once.</summary>
    public static void ThrowIfAny(IReadOnlyCollection<string> faults)
    {
        if (faults.Count > 0) throw CommandFailure.Usage($"the configuration has {faults.Count} fault{(faults.Count == 1 ? "" : "s")}:\n" + string.Join('\n', faults.Select(f => "  - " + f)));
    }

    private delegate bool Parser<T>(string text, out T value);

    // Without a colon "30" would be thirty days.
    private static bool ParseTime(string text, out TimeSpan value)
    {
        value = default;
        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value);
    }

    private string? Find(string key)
    {
        _known.Add(key);
        return _section[key] is { Length: > 0 } text ? text : null;
    }

    private T Read<T>(string key, T otherwise, string expected, Parser<T> parse)
    {
        if (Find(key) is not { } text) return otherwise;
        if (parse(text, out var value)) return value;
        Faults.Add($"{_section.Key} {key} '{text}': must be {expected}");
        return otherwise;
    }
}
