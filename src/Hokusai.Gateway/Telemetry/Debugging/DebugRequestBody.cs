using System.Text.Json;
using System.Text.Json.Serialization;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding.Http1;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Telemetry.Debugging;

/// <summary>Body of <c>POST /hokusai/debug</c>: what to log, and for how long.</summary>
/// <param name="KeyId">Id of a key, as <c>hokusai keys list</c> shows it.</param>
/// <param name="Path">Beginning of a path, with or without the gateway's prefix.</param>
/// <param name="Minutes">For how long; at most 24 hours.</param>
internal sealed record DebugRequestBody(string? KeyId, string? Path, double? Minutes)
{
    public const int LargestBody = 4 * 1024;

    private const int LongestText = 512;

    /// <summary>What is wrong with it; null if nothing is. Never repeats what was sent: somebody may have sent a key.</summary>
    public string? Fault()
    {
        if (string.IsNullOrEmpty(KeyId) && string.IsNullOrEmpty(Path)) return "Give key_id or path, or both.";
        if (KeyId?.Length > LongestText || Path?.Length > LongestText) return $"key_id and path have at most {LongestText} characters.";
        if (KeyId is not null && (ApiKey.TryParse(KeyId, out _) || KeyRedactor.Redact(KeyId) != KeyId)) return "key_id holds a key. Give the key's id; the key counts as exposed if this request was logged anywhere.";
        if (Path is not null && !Path.StartsWith('/')) return "path begins with a slash.";
        if (Path is not null && Redaction.Path(Path) != Path) return "path holds a key.";
        return Minutes is { } minutes && !(minutes > 0 && minutes <= DebugLogSwitch.MostLifetime.TotalMinutes) ? "minutes is above 0 and at most 1440." : null;
    }

    /// <summary>The path as requests are compared with it; null for any.</summary>
    public string? ComparedPath => string.IsNullOrEmpty(Path) ? null : GatewayPath.Cut(Path).ToString();

    /// <summary>Reads a body; null if it is no JSON object of this form.</summary>
    public static async Task<DebugRequestBody?> ReadAsync(HttpContext http, TimeProvider time)
    {
        if (await RequestBody.ReadSmallAsync(http, LargestBody, time) is not { } body) return null;
        try
        {
            return JsonSerializer.Deserialize(body.Span, DebugJson.Default.DebugRequestBody);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(DebugRequestBody))]
internal sealed partial class DebugJson : JsonSerializerContext;
