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
/// <param name="Environment">Which environment the key is for, in its owner's words; null if nobody said.</param>
/// <param name="AllowedNetworks">Networks (CIDR) from which it may be used; null or empty for any.</param>
/// <param name="Grants">Which experiments and models it reaches; null for all.</param>
/// <param name="Quotas">How much it may do a day; null for no limit.</param>
/// <remarks>All from <paramref name="RateLimitPerHour"/> on may be absent: an auth service that knows no such thing limits nothing.</remarks>
public sealed record ValidatedKey(
    string UserId,
    string KeyId,
    string ServiceId,
    IReadOnlyList<string> Scopes,
    int? RateLimitPerHour = null,
    DateTimeOffset? ExpiresAt = null,
    string? Email = null,
    string? Environment = null,
    IReadOnlyList<string>? AllowedNetworks = null,
    KeyGrants? Grants = null,
    KeyQuotas? Quotas = null);

/// <summary>Which experiments and registered models a key reaches, by name. What it may do with them is a matter of its scopes.</summary>
/// <param name="Experiments">Patterns of experiment names; null for all, empty for none. <c>*</c> stands for any characters, <c>?</c> for one. A pattern that begins with <c>!</c> forbids what it matches, whatever the others say.</param>
/// <param name="Models">Patterns of registered models' names, in the same way.</param>
public sealed record KeyGrants(IReadOnlyList<string>? Experiments = null, IReadOnlyList<string>? Models = null);

/// <summary>How much a key may do in a day of UTC.</summary>
/// <param name="BytesPerDay">Bytes of artifacts, up and down; null for no limit.</param>
/// <param name="RunsPerDay">Runs made; null for no limit.</param>
public sealed record KeyQuotas(long? BytesPerDay = null, long? RunsPerDay = null);

/// <summary>Body of <c>POST /api/v1/keys/uses</c>: what a gateway saw of keys since it told last. A service that does not offer it answers 404.</summary>
/// <param name="Uses">The last use of each key that was used.</param>
/// <param name="Denials">How often keys were refused, by reason.</param>
public sealed record KeyUses(IReadOnlyList<KeyUse> Uses, IReadOnlyList<KeyRefusals>? Denials = null);

/// <summary>The last use of one key.</summary>
/// <param name="KeyId">Id of the key.</param>
/// <param name="At">When.</param>
/// <param name="ClientIp">From where.</param>
/// <param name="Client">What the client calls itself, for example <c>mlflow-python-client/3.4.0</c>; null if it does not say.</param>
/// <param name="Count">How many requests since the last report.</param>
public sealed record KeyUse(string KeyId, DateTimeOffset At, string ClientIp, string? Client, long Count);

/// <summary>Refusals of one kind since the last report.</summary>
/// <param name="Reason">The gateway's code, for example <c>HKS-AUTH-EXPIRED</c>.</param>
/// <param name="KeyId">Id of the key, if it was a known one.</param>
/// <param name="Display">The key's display prefix, if there was one.</param>
/// <param name="ClientIp">From where the last of them came.</param>
/// <param name="At">When the last of them came.</param>
/// <param name="Count">How many.</param>
public sealed record KeyRefusals(string Reason, string? KeyId, string? Display, string? ClientIp, DateTimeOffset At, long Count);

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
[JsonSerializable(typeof(KeyUses))]
public sealed partial class KeyValidationJson : JsonSerializerContext;
