using System.Text.Json;
using Hokusai.Contracts.Errors;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Audit;
using Hokusai.Keys.Store;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Keys.Uses;

/// <summary><c>POST /api/v1/keys/uses</c>: gateways tell which keys were used and which were refused. One write a report, however many requests it stands for.</summary>
internal sealed class UsesEndpoint(KeyStore store, DenialLog denials, TimeProvider time)
{
    private const int LongestText = 200;

    public async Task HandleAsync(HttpContext http)
    {
        KeyUses? report;
        try
        {
            report = await JsonSerializer.DeserializeAsync(http.Request.Body, KeyValidationJson.Default.KeyUses, http.RequestAborted);
        }
        catch (JsonException)
        {
            report = null;
        }
        if (report?.Uses is null)
        {
            await Reply.ErrorAsync(http, StatusCodes.Status400BadRequest, MlflowErrorCodes.InvalidParameterValue, "The body is no report of uses; it has the field uses, a list.");
            return;
        }
        var now = time.GetUtcNow();
        // Several lines for one key become one.
        var uses = report.Uses.Where(use => use?.KeyId is not null).GroupBy(use => use.KeyId, StringComparer.Ordinal).Select(same => Together(same, now)).ToList();
        if (uses.Count > 0) await store.RecordUsesAsync(uses, http.RequestAborted);
        denials.Reported(report.Denials ?? []);
        await Reply.JsonAsync(http, StatusCodes.Status200OK, new KeyUses([]), KeyValidationJson.Default.KeyUses);
    }

    private static KeyUse Together(IGrouping<string, KeyUse> same, DateTimeOffset now)
    {
        var last = same.MaxBy(use => use.At)!;
        // A gateway whose clock is ahead must not make a key look used tomorrow.
        return new KeyUse(same.Key, last.At > now ? now : last.At, Clean(last.ClientIp), last.Client is null ? null : Clean(last.Client), same.Sum(use => Math.Clamp(use.Count, 0, int.MaxValue)));
    }

    // What a client calls itself is what it likes, a key among it.
    private static string Clean(string? text)
    {
        var clean = KeyRedactor.Redact(string.Concat((text ?? "-").Where(c => !char.IsControl(c))));
        return clean.Length > LongestText ? clean[..LongestText] : clean;
    }
}
