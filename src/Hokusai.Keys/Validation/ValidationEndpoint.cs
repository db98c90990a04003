using System.Net;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Audit;
using Hokusai.Keys.Store;
using Hokusai.Keys.Uses;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Keys.Validation;

/// <summary><c>POST /api/v1/keys/validate</c>: says whether a key is good, and whose.</summary>
internal sealed class ValidationEndpoint(KeyStore store, UseBook uses, DenialLog denials, KeysOptions options, TimeProvider time)
{
    public async Task HandleAsync(HttpContext http)
    {
        var request = await ReadAsync(http);
        if (request?.ServiceId is not { Length: > 0 } service || !options.Services.Contains(service))
        {
            var known = string.IsNullOrEmpty(request?.ServiceId) ? "The body names no service_id." : $"The service '{KeyRedactor.Redact(request.ServiceId)}' is not known here.";
            await Reply.JsonAsync(http, StatusCodes.Status422UnprocessableEntity, new KeyDenial(KeyDenialCodes.ServiceUnknown, known + " Add it to the auth service's list of services."), KeyValidationJson.Default.KeyDenial);
            return;
        }
        var found = BearerKey.TryRead(http.Request, out var key) ? await store.FindAsync(key, http.RequestAborted) : null;
        var now = time.GetUtcNow();
        if (Denial(found, now) is { } denial)
        {
            denials.Refused(denial.ErrorCode, found?.Id, request.ClientIp);
            await Reply.JsonAsync(http, StatusCodes.Status401Unauthorized, denial, KeyValidationJson.Default.KeyDenial);
            return;
        }
        uses.Note(found!.Id, now, IPAddress.TryParse(request.ClientIp, out var client) ? client.ToString() : "-");
        await Reply.JsonAsync(http, StatusCodes.Status200OK, Validated(found, service), KeyValidationJson.Default.ValidatedKey);
    }

    // The end of an overlap is an end like any other: who remembers the verdict forgets it then, without having to be told.
    private static ValidatedKey Validated(StoredKey key, string service)
    {
        var (terms, limits) = (key.Terms, key.Terms.Limits);
        return new ValidatedKey(
            terms.UserId, key.Id, service, terms.Scopes, limits.RateLimitPerHour, key.Ends, terms.Email, terms.Environment, limits.AllowedNetworks, limits.Grants, limits.Quotas);
    }

    private static async Task<ValidateKeyRequest?> ReadAsync(HttpContext http)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(http.Request.Body, KeyValidationJson.Default.ValidateKeyRequest, http.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static KeyDenial? Denial(StoredKey? key, DateTimeOffset now) => key?.Status(now) switch
    {
        null => new KeyDenial(KeyDenialCodes.Unknown, "No such key was issued here."),
        KeyStatus.Revoked => new KeyDenial(KeyDenialCodes.Revoked, $"The key was revoked on {key.Revoked:yyyy-MM-dd HH:mm} UTC."),
        KeyStatus.Rotated => new KeyDenial(KeyDenialCodes.Revoked, $"The key was rotated: {key.Succession!.SuccessorId} took its place on {key.Succession.Retired ?? key.Succession.OverlapEnds:yyyy-MM-dd HH:mm} UTC. Use that one."),
        KeyStatus.Disabled => new KeyDenial(KeyDenialCodes.Disabled, $"The key was disabled on {key.Disabled:yyyy-MM-dd HH:mm} UTC; an administrator can enable it again."),
        KeyStatus.Expired => new KeyDenial(KeyDenialCodes.Expired, $"The key expired on {key.Terms.Expires:yyyy-MM-dd HH:mm} UTC."),
        _ => null,
    };
}
