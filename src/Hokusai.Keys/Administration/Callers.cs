using Hokusai.Contracts.Errors;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Store;
using Hokusai.Keys.Validation;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Keys.Administration;

/// <summary>Who calls, by the key that the request bears. Those who may not are answered here.</summary>
internal sealed class Callers(KeyStore store, TimeProvider time)
{
    public async Task<StoredKey?> RequireAdminAsync(HttpContext http)
    {
        if (await RequireUsableAsync(http) is not { } key) return null;
        if (key.Terms.Scopes.Contains(Scopes.Admin)) return key;
        await Reply.ErrorAsync(http, StatusCodes.Status403Forbidden, MlflowErrorCodes.PermissionDenied, $"The key {key.Display} has the scopes {string.Join(", ", key.Terms.Scopes)}; administering keys needs {Scopes.Admin}.");
        return null;
    }

    public async Task<StoredKey?> RequireUsableAsync(HttpContext http)
    {
        var key = BearerKey.TryRead(http.Request, out var presented) ? await store.FindAsync(presented, http.RequestAborted) : null;
        var now = time.GetUtcNow();
        if (key?.IsUsable(now) == true) return key;
        http.Response.Headers.WWWAuthenticate = "Bearer realm=\"hokusai\"";
        await Reply.ErrorAsync(
            http, StatusCodes.Status401Unauthorized, MlflowErrorCodes.Unauthenticated,
            key is null ? "Send a known key in Authorization: Bearer." : $"The key {key.Display} is {key.Status(now).ToString().ToLowerInvariant()}.");
        return null;
    }
}
