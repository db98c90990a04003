using System.Globalization;
using System.Text.Json;
using Hokusai.Contracts.Errors;
using Hokusai.Contracts.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Telemetry.Debugging;

/// <summary>
/// <c>/hokusai/debug</c>, for the scope admin: POST switches debug logging on for a key or a path, GET lists what is on, DELETE
/// switches it off, one rule (<c>/hokusai/debug/ID</c>) or all. It holds for this gateway only and ends by itself.
/// </summary>
internal sealed class DebugEndpoint(DebugLogSwitch rules, TelemetryOptions options, TimeProvider time, ILogger logger)
{
    public const string Path = "/hokusai/debug";

    /// <summary>Whether the path is this endpoint's, so that the caller's key must be checked before <see cref="TryAnswerAsync"/>.</summary>
    public static bool Takes(string path) => path == Path || path.StartsWith(Path + "/", StringComparison.Ordinal);

    /// <summary>Answers, if the path is this endpoint's.</summary>
    /// <param name="http">The request.</param>
    /// <param name="path">Its path without the gateway's prefix.</param>
    /// <param name="key">The caller's key, which has been found good; its scope is checked here.</param>
    public async ValueTask<bool> TryAnswerAsync(HttpContext http, string path, ValidatedKey key)
    {
        if (!Takes(path)) return false;
        if (!Scopes.Allow(key.Scopes, Scopes.Admin))
        {
            await TelemetryReply.WriteErrorAsync(http, StatusCodes.Status403Forbidden, MlflowErrorCodes.PermissionDenied, "HKS-DENY-SCOPE", "Debug logging needs the scope admin.", "Ask an administrator.");
            return true;
        }
        var id = path.Length > Path.Length + 1 ? path[(Path.Length + 1)..] : null;
        if (!await TelemetryReply.AllowAsync(http, id is null ? "GET, HEAD, POST, DELETE" : "DELETE")) return true;
        if (HttpMethods.IsPost(http.Request.Method)) await SwitchOnAsync(http, key);
        else if (HttpMethods.IsDelete(http.Request.Method)) await SwitchOffAsync(http, id, key);
        else await TelemetryReply.WriteJsonAsync(http, StatusCodes.Status200OK, json => Write(json, rules.Rules()));
        return true;
    }

    private async Task SwitchOnAsync(HttpContext http, ValidatedKey key)
    {
        var body = await DebugRequestBody.ReadAsync(http, time);
        if (body is null || body.Fault() is not null)
        {
            await BadAsync(http, body?.Fault() ?? "The body is no JSON object with key_id, path and minutes, or it is larger than 4 KiB.");
            return;
        }
        var lifetime = body.Minutes is { } minutes ? TimeSpan.FromMinutes(minutes) : options.DebugLifetime;
        if (rules.Add(body.KeyId is "" ? null : body.KeyId, body.ComparedPath, lifetime < DebugLogSwitch.LeastLifetime ? DebugLogSwitch.LeastLifetime : lifetime, key.KeyId) is not { } rule)
        {
            await BadAsync(http, $"There are {DebugLogSwitch.MostRules} rules already; DELETE some.");
            return;
        }
        // Said loudly: from now on somebody's requests stand in the logs.
        TelemetryLog.DebugSwitchedOn(logger, $"key {rule.KeyId ?? "any"}, path {rule.Path ?? "any"}", rule.ExpiresAt, key.KeyId, rule.Id);
        await TelemetryReply.WriteJsonAsync(http, StatusCodes.Status201Created, json => Write(json, rule));
    }

    private async Task SwitchOffAsync(HttpContext http, string? id, ValidatedKey key)
    {
        var gone = rules.Remove(id);
        foreach (var rule in gone) TelemetryLog.DebugSwitchedOff(logger, rule.Id, key.KeyId);
        if (id is not null && gone.Count == 0)
            await TelemetryReply.WriteErrorAsync(http, StatusCodes.Status404NotFound, MlflowErrorCodes.ResourceDoesNotExist, "HKS-DEBUG-UNKNOWN", "There is no such rule, or it has ended.", $"GET {Path} lists the rules.");
        else
            await TelemetryReply.WriteJsonAsync(http, StatusCodes.Status200OK, json => Write(json, gone));
    }

    private static Task BadAsync(HttpContext http, string message) =>
        TelemetryReply.WriteErrorAsync(http, StatusCodes.Status400BadRequest, MlflowErrorCodes.InvalidParameterValue, "HKS-DEBUG", message, "For example {\"path\": \"/api/2.0/mlflow/runs\", \"minutes\": 15}.");

    private static void Write(Utf8JsonWriter json, IReadOnlyList<DebugRule> list)
    {
        json.WriteStartObject();
        json.WriteStartArray("rules");
        foreach (var rule in list) Write(json, rule);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DebugRule rule)
    {
        json.WriteStartObject();
        json.WriteString("id", rule.Id);
        if (rule.KeyId is not null) json.WriteString("key_id", rule.KeyId);
        if (rule.Path is not null) json.WriteString("path", rule.Path);
        json.WriteString("expires_at", rule.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteString("set_by", rule.SetBy);
        json.WriteEndObject();
    }
}
