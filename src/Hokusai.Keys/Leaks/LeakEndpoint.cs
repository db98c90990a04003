using Hokusai.Contracts.Errors;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Administration;
using Hokusai.Keys.Store;
using Hokusai.Keys.Validation;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Keys.Leaks;

/// <summary>
/// <c>POST /api/v1/keys/revoke-leaked</c>: revokes the key in the body. Whoever holds a key may do that with the key itself: who
/// found it can do worse, and whoever lost it should not have to find an administrator first.
/// </summary>
internal sealed class LeakEndpoint(KeyStore store, Callers callers, ChangesEndpoint changes, TimeProvider time)
{
    private const int LargestBody = 4096;

    public async Task HandleAsync(HttpContext http)
    {
        if (await ReadAsync(http) is not { } leaked)
        {
            await Reply.ErrorAsync(http, StatusCodes.Status400BadRequest, MlflowErrorCodes.InvalidParameterValue, "The body holds no key in the field key.");
            return;
        }
        var holder = BearerKey.TryRead(http.Request, out var bearer) && bearer == leaked;
        var admin = holder ? null : await callers.RequireAdminAsync(http);
        if (!holder && admin is null) return;
        if (await store.FindAsync(leaked, http.RequestAborted) is not { } key)
        {
            await Reply.ErrorAsync(http, StatusCodes.Status404NotFound, MlflowErrorCodes.ResourceDoesNotExist, $"No such key was issued here ({leaked.Display}), so there is nothing to revoke.");
            return;
        }
        var revoked = (await store.RevokeAsync(key.Id, admin?.Id ?? key.Id, leaked: true, http.RequestAborted))!;
        changes.Signal();
        await Reply.JsonAsync(http, StatusCodes.Status200OK, KeyDescription.Of(revoked, time.GetUtcNow()), KeyJson.Default.KeyDescription);
    }

    private static async Task<ApiKey?> ReadAsync(HttpContext http)
    {
        if (http.Request.ContentLength > LargestBody) return null;
        using var reader = new StreamReader(http.Request.Body);
        var (fields, _) = KeyFields.Parse(await reader.ReadToEndAsync(http.RequestAborted));
        if (fields is null) return null;
        var (request, _) = KeyFields.Bind(fields, KeyJson.Default.LeakedKeyRequest);
        return ApiKey.TryParse(request?.Key, out var key) ? key : null;
    }
}
