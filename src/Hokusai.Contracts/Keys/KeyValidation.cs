using System.Text.Json.Serialization;

namespace Hokusai.Contracts.Keys;

/// <summary>Body of <c>POST /api/v1/keys/validate</c>; the key itself travels in <c>Authorization: Bearer</c>.</summary>
/// <param name="ServiceId">The service that asks, as the auth service knows it.</param>
/// <param name="ClientIp">Address of the client that presented the key.</param>
public sealed record ValidateKeyRequest(string ServiceId, string? ClientIp);

/// <summary>Answer 200 of the auth service: the key is good.</summary>
/// <param name="UserId">Whose key it is.</param>
/// <param name="KeyId">The key's id, which may be logged.</param>
/// <param name="ServiceId">The service for which the key was checked.</param>
/// <param name="Scopes">What the key may do, see <see cref="Keys.Scopes"/>.</param>
/// <param name="RateLimitPerHour">Requests an hour; null or 0 for no limit.</param>
/// <param name="ExpiresAt">When the key ends to be valid; null for never.</param>
/// <param name="Email">The owner's address, if known.</param>
public sealed record ValidatedKey(
    string UserId,
    string KeyId,
    string ServiceId,
    IReadOnlyList<string> Scopes,
    int? RateLimitPerHour = null,
    DateTimeOffset? ExpiresAt = null,
    string? Email = null);

/// <summary>Answer 401 or 422 of the auth service.</summary>
/// <param name="ErrorCode">One of <see cref="KeyDenialCodes"/>.</param>
/// <param name="Message">What is wrong, in words.</param>
public sealed record KeyDenial(string ErrorCode, string Message);

/// <summary>Answer of <c>GET /api/v1/keys/changes?after=N</c>: which keys changed since, so that a gateway forgets what it knew of them.</summary>
/// <param name="Revision">The number to ask with next time.</param>
/// <param name="KeyIds">Ids of the keys that changed; null if all of them may have.</param>
public sealed record KeyChanges(long Revision, IReadOnlyList<string>? KeyIds);

/// <summary>Codes by which the auth service tells why a key is refused.</summary>
public static class KeyDenialCodes
{
    /// <summary>No such key was ever issued or imported here.</summary>
    public const string Unknown = "KEY_UNKNOWN";

    /// <summary>The key's time is over.</summary>
    public const string Expired = "KEY_EXPIRED";

    /// <summary>The key was revoked.</summary>
    public const string Revoked = "KEY_REVOKED";

    /// <summary>The key is switched off for now.</summary>
    public const string Disabled = "KEY_DISABLED";

    /// <summary>The asking service is not known: a misconfigured gateway, not a bad key.</summary>
    public const string ServiceUnknown = "SERVICE_UNKNOWN";
}

/// <summary>JSON of the contract between gateway and auth service: snake_case names, absent instead of null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ValidateKeyRequest))]
[JsonSerializable(typeof(ValidatedKey))]
[JsonSerializable(typeof(KeyDenial))]
[JsonSerializable(typeof(KeyChanges))]
public sealed partial class KeyValidationJson : JsonSerializerContext;
