using System.Globalization;
using Hokusai.Contracts.Errors;
using Hokusai.Contracts.Keys;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Telemetry.Journal;

/// <summary><c>/hokusai/why/ID</c>: what happened to one request. For the key that sent it, and for the scope admin.</summary>
internal sealed class WhyEndpoint(ExchangeJournal journal)
{
    public const string Prefix = "/hokusai/why/";

    private const int LongestId = 64;

    /// <summary>Whether the path is this endpoint's, so that the caller's key must be checked before <see cref="TryAnswerAsync"/>.</summary>
    public static bool Takes(string path) => path.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Answers, if the path is this endpoint's.</summary>
    /// <param name="http">The request.</param>
    /// <param name="path">Its path without the gateway's prefix.</param>
    /// <param name="key">The caller's key, which has been found good.</param>
    public async ValueTask<bool> TryAnswerAsync(HttpContext http, string path, ValidatedKey key)
    {
        if (!Takes(path)) return false;
        if (!await TelemetryReply.AllowAsync(http, "GET, HEAD")) return true;
        var id = path[Prefix.Length..];
        if (id.Length is 0 or > LongestId || !id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            await TelemetryReply.WriteErrorAsync(http, StatusCodes.Status400BadRequest, MlflowErrorCodes.BadRequest, "HKS-WHY-ID", "That is no request id.", "It stands in the X-Request-Id header of the answer and at the end of the error's message.");
            return true;
        }
        // Somebody else's request looks like one that never was: ids must not be tried out.
        if (journal.Find(id) is { } entry && MaySee(key, entry)) await TelemetryReply.WriteJsonAsync(http, StatusCodes.Status200OK, json => WhyJson.Write(json, entry));
        else await UnknownAsync(http, id);
        return true;
    }

    private static bool MaySee(ValidatedKey key, JournalEntry entry) => (entry.KeyId is not null && entry.KeyId == key.KeyId) || Scopes.Allow(key.Scopes, Scopes.Admin);

    private Task UnknownAsync(HttpContext http, string id)
    {
        var reach = journal.Reach;
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"Nothing is known here of request {id} that this key may see. All requests since {reach.RecentSince.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} (the last {reach.Recent}) are remembered, failed ones since {reach.FailedSince.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}.");
        return TelemetryReply.WriteErrorAsync(http, StatusCodes.Status404NotFound, MlflowErrorCodes.ResourceDoesNotExist, "HKS-WHY-UNKNOWN", message,
            "Ask with the key that sent the request, or with one of scope admin. Each gateway remembers what it answered itself: with several of them ask each, or search the logs for the id.");
    }
}
