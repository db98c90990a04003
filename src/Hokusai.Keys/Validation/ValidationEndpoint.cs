using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Audit;
using Hokusai.Keys.Store;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Keys.Validation;

/// <summary><c>POST /api/v1/keys/validate</c>: says whether a key is good, and whose.</summary>
internal sealed class ValidationEndpoint(KeyStore store, DenialLog denials, KeysOptions options, TimeProvider time)
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
        if (Denial(found) is { } denial)
        {
            denials.Refused(denial.ErrorCode, found?.Id, request.ClientIp);
            await Reply.JsonAsync(http, StatusCodes.Status401Unauthorized, denial, KeyValidationJson.Default.KeyDenial);
            return;
        }
        await Reply.JsonAsync(http, StatusCodes.Status200OK, new ValidatedKey(found!.UserId, found.Id, service, found.Scopes, null, found.Expires), KeyValidationJson.Default.ValidatedKey);
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

    private KeyDenial? Denial(StoredKey? key) => key?.Status(time.GetUtcNow()) switch
    {
        null => new KeyDenial(KeyDenialCodes.Unknown, "No such key was issued here."),
        "revoked" => new KeyDenial(KeyDenialCodes.Revoked, $"The key was revoked on {key.Revoked:yyyy-MM-dd HH:mm} UTC."),
        "expired" => new KeyDenial(KeyDenialCodes.Expired, $"The key expired on {key.Expires:yyyy-MM-dd HH:mm} UTC."),
        _ => null,
    };
}
