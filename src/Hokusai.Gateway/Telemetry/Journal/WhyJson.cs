using System.Globalization;
using System.Text.Json;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Telemetry.Metrics;

namespace Hokusai.Gateway.Telemetry.Journal;

/// <summary>A journal entry as JSON. What is not known is left out.</summary>
internal static class WhyJson
{
    public static void Write(Utf8JsonWriter json, JournalEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("request_id", entry.RequestId);
        json.WriteString("at", entry.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteString("method", entry.Method);
        json.WriteString("path", entry.Path);
        Text(json, "route", entry.Label);
        json.WriteString("class", TagWords.Of(entry.Class));
        json.WriteNumber("status", entry.Status);
        json.WriteBoolean("failed", entry.Failed);
        WriteCause(json, entry);
        Text(json, "key_id", entry.KeyId);
        Text(json, "client_ip", entry.ClientIp);
        Text(json, "credential_place", entry.CredentialPlace);
        Text(json, "verdict", entry.VerdictSource);
        Text(json, "upstream", entry.Upstream);
        Text(json, "replayed_from", entry.ReplayedFrom);
        Text(json, "trace_id", entry.TraceId);
        Ms(json, "took_ms", entry.Took);
        Ms(json, "auth_ms", entry.AuthTook);
        Ms(json, "upstream_ms", entry.UpstreamTook);
        json.WriteNumber("bytes_in", entry.BytesIn);
        json.WriteNumber("bytes_out", entry.BytesOut);
        WriteBreakers(json, entry.Breakers);
        json.WriteStartArray("attempts");
        foreach (var attempt in entry.Attempts) Write(json, attempt);
        json.WriteEndArray();
        json.WriteStartArray("story");
        foreach (var (at, text) in RequestStory.Of(entry)) WriteEvent(json, at, text);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCause(Utf8JsonWriter json, JournalEntry entry)
    {
        if (entry.Failure is { } place)
        {
            json.WriteString("place", TagWords.Of(place));
            json.WriteString("code", Failures.Of(place).Code);
        }
        if (RequestStory.Cause(entry) is not { } cause) return;
        json.WriteString("cause", cause.Cause);
        json.WriteString("hint", cause.Hint);
    }

    private static void WriteBreakers(Utf8JsonWriter json, BreakerStates states)
    {
        json.WriteStartObject("breakers");
        json.WriteString("metadata", BreakerStates.Word(states.Metadata));
        json.WriteString("artifacts", BreakerStates.Word(states.Artifacts));
        json.WriteString("auth", BreakerStates.Word(states.Auth));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Attempt attempt)
    {
        json.WriteStartObject();
        Text(json, "address", attempt.Address);
        json.WriteBoolean("reused_connection", attempt.ReusedConnection);
        Ms(json, "started_after_ms", attempt.StartedAfter);
        Ms(json, "connected_ms", attempt.Connected);
        Ms(json, "first_byte_ms", attempt.FirstByte);
        Ms(json, "took_ms", attempt.Took);
        if (attempt.Status is { } status) json.WriteNumber("status", status);
        if (attempt.Failure is { } place) json.WriteString("place", TagWords.Of(place));
        Text(json, "retry_reason", attempt.RetryReason);
        json.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter json, TimeSpan at, string text)
    {
        json.WriteStartObject();
        Ms(json, "at_ms", at);
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) json.WriteString(name, value);
    }

    private static void Ms(Utf8JsonWriter json, string name, TimeSpan? value)
    {
        if (value is { } time) json.WriteNumber(name, Math.Round(time.TotalMilliseconds, 3));
    }
}
