using System.Text.Json;
using Hokusai.Contracts.Errors;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Audit;
using Hokusai.Keys.Store;
using Hokusai.Keys.Validation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hokusai.Keys.Administration;

/// <summary>Issuing, listing and revoking keys, for holders of the scope <c>admin</c>.</summary>
internal sealed class AdministrationEndpoints(KeyStore store, ChangesEndpoint changes, TimeProvider time, ILogger logger)
{
    private const int LongestName = 200;
    private const int MostDays = 3650;

    public async Task CreateAsync(HttpContext http)
    {
        if (await RequireAdminAsync(http) is not { } admin) return;
        CreateKeyRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync(http.Request.Body, KeyJson.Default.CreateKeyRequest, http.RequestAborted);
        }
        catch (JsonException e)
        {
            await Reply.ErrorAsync(http, StatusCodes.Status400BadRequest, MlflowErrorCodes.InvalidParameterValue, $"The body is not a key's description: {KeyRedactor.Redact(e.Message)}");
            return;
        }
        var scopes = request?.Scopes is { Count: > 0 } given ? given : [Scopes.Read, Scopes.Write];
        if (FaultOf(request, scopes) is { } fault)
        {
            await Reply.ErrorAsync(http, StatusCodes.Status400BadRequest, MlflowErrorCodes.InvalidParameterValue, fault);
            return;
        }
        var key = ApiKey.Mint(request!.Test);
        DateTimeOffset? expires = request.ExpiresInDays is { } days ? time.GetUtcNow().AddDays(days) : null;
        var stored = await store.AddAsync(key, request.Name!, string.IsNullOrEmpty(request.UserId) ? admin.UserId : request.UserId, scopes, expires, AuditActs.Create, admin.Id, http.RequestAborted);
        Log.KeyCreated(logger, stored.Id, stored.Display, stored.UserId, string.Join(',', scopes), admin.Id);
        await Reply.JsonAsync(http, StatusCodes.Status200OK, Describe(stored) with { Key = key.Reveal() }, KeyJson.Default.KeyDescription);
    }

    public async Task ListAsync(HttpContext http)
    {
        if (await RequireAdminAsync(http) is null) return;
        var keys = await store.ListAsync(http.RequestAborted);
        await Reply.JsonAsync(http, StatusCodes.Status200OK, new KeyList(keys.ConvertAll(Describe)), KeyJson.Default.KeyList);
    }

    public async Task RevokeAsync(HttpContext http, string id)
    {
        if (await RequireAdminAsync(http) is not { } admin) return;
        if (await store.RevokeAsync(id, admin.Id, http.RequestAborted) is not { } key)
        {
            await Reply.ErrorAsync(http, StatusCodes.Status404NotFound, MlflowErrorCodes.ResourceDoesNotExist, $"No key has the id '{KeyRedactor.Redact(id)}'. 'hokusai keys list' shows the ids.");
            return;
        }
        changes.Signal();
        Log.KeyRevoked(logger, key.Id, key.Display, admin.Id);
        await Reply.JsonAsync(http, StatusCodes.Status200OK, Describe(key), KeyJson.Default.KeyDescription);
    }

    /// <summary>What the caller's own key is.</summary>
    public async Task SelfAsync(HttpContext http)
    {
        if (await RequireActiveAsync(http) is { } key) await Reply.JsonAsync(http, StatusCodes.Status200OK, Describe(key), KeyJson.Default.KeyDescription);
    }

    private static string? FaultOf(CreateKeyRequest? request, IReadOnlyList<string> scopes)
    {
        if (string.IsNullOrWhiteSpace(request?.Name)) return "name: missing; say what the key is for";
        if (request.Name.Length > LongestName) return $"name: {request.Name.Length} characters, {LongestName} at most";
        if (request.UserId?.Length > LongestName) return $"user_id: {request.UserId.Length} characters, {LongestName} at most";
        if (FaultOfText("name", request.Name) is { } inName) return inName;
        if (FaultOfText("user_id", request.UserId ?? "") is { } inUser) return inUser;
        if (request.ExpiresInDays is < 1 or > MostDays) return $"expires_in_days: {request.ExpiresInDays}, must be 1 to {MostDays}";
        var unknown = scopes.Except(Scopes.All).ToList();
        return unknown.Count > 0 ? $"scopes: {string.Join(", ", unknown.Select(s => KeyRedactor.Redact(s ?? "null")))} not known; there are {string.Join(", ", Scopes.All)}" : null;
    }

    // Names travel in headers, logs and tables.
    private static string? FaultOfText(string field, string text)
    {
        if (text.Any(char.IsControl)) return $"{field}: holds a line break, a tab or another control character";
        return KeyRedactor.Redact(text) != text ? $"{field}: holds a key; it would be shown and logged, so revoke that key" : null;
    }

    /// <summary>The admin's key, or null if the request has none and was refused.</summary>
    public async Task<StoredKey?> RequireAdminAsync(HttpContext http)
    {
        if (await RequireActiveAsync(http) is not { } key) return null;
        if (key.Scopes.Contains(Scopes.Admin)) return key;
        await Reply.ErrorAsync(http, StatusCodes.Status403Forbidden, MlflowErrorCodes.PermissionDenied, $"The key {key.Display} has the scopes {string.Join(", ", key.Scopes)}; administering keys needs {Scopes.Admin}.");
        return null;
    }

    private async Task<StoredKey?> RequireActiveAsync(HttpContext http)
    {
        var key = BearerKey.TryRead(http.Request, out var presented) ? await store.FindAsync(presented, http.RequestAborted) : null;
        var status = key?.Status(time.GetUtcNow());
        if (status == "active") return key;
        http.Response.Headers.WWWAuthenticate = "Bearer realm=\"hokusai\"";
        await Reply.ErrorAsync(http, StatusCodes.Status401Unauthorized, MlflowErrorCodes.Unauthenticated, status is null ? "Send a known key in Authorization: Bearer." : $"The key {key!.Display} is {status}.");
        return null;
    }

    private KeyDescription Describe(StoredKey key) => new(key.Id, key.Display, key.Name, key.UserId, key.Scopes, key.Status(time.GetUtcNow()), key.Created, key.Expires, key.Revoked);
}
