using System.Text.Json.Serialization;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Store;

namespace Hokusai.Keys.Administration;

/// <summary>Body of <c>POST /api/v1/keys</c>, of <c>PATCH /api/v1/keys/ID</c>, and of a line of an import.</summary>
/// <param name="Name">What the key is for.</param>
/// <param name="UserId">Whose it is; the maker's if absent.</param>
/// <param name="Scopes">What it may do; read and write if absent.</param>
/// <param name="ExpiresInDays">After how many days it ends; never if absent.</param>
/// <param name="Test">Whether it is for a test environment, which its first letters then say.</param>
/// <param name="ExpiresAt">When it ends, in place of <paramref name="ExpiresInDays"/>.</param>
/// <param name="Email">The owner's address.</param>
/// <param name="Environment">Which environment it is for, in the owner's words.</param>
/// <param name="RateLimitPerHour">Requests an hour; without limit if absent.</param>
/// <param name="AllowedNetworks">Networks from which it may be used; any if absent.</param>
/// <param name="Grants">Which experiments and models it reaches; all if absent.</param>
/// <param name="Quotas">How much it may do a day; without limit if absent.</param>
public sealed record CreateKeyRequest(
    string? Name,
    string? UserId = null,
    IReadOnlyList<string>? Scopes = null,
    int? ExpiresInDays = null,
    bool Test = false,
    DateTimeOffset? ExpiresAt = null,
    string? Email = null,
    string? Environment = null,
    int? RateLimitPerHour = null,
    IReadOnlyList<string>? AllowedNetworks = null,
    KeyGrants? Grants = null,
    KeyQuotas? Quotas = null);

/// <summary>A key as it is shown. <paramref name="Key"/> is there once, in the answer to its creation.</summary>
/// <param name="KeyId">Id of the key.</param>
/// <param name="Display">Its first characters.</param>
/// <param name="Name">What it is for.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Status">active, rotating, disabled, expired, rotated or revoked; the first two are valid.</param>
/// <param name="CreatedAt">When it was made or imported.</param>
/// <param name="ExpiresAt">When it ends; absent for never.</param>
/// <param name="RevokedAt">When it was revoked; absent if it was not.</param>
/// <param name="DisabledAt">When it was switched off; absent if it is on.</param>
/// <param name="SuccessorId">The key that takes its place; absent if it was not rotated.</param>
/// <param name="OverlapEndsAt">Until when it works beside its successor at most.</param>
/// <param name="RetiredAt">When it ended because of its successor.</param>
/// <param name="Email">The owner's address.</param>
/// <param name="Environment">Which environment it is for.</param>
/// <param name="RateLimitPerHour">Requests an hour; absent for no limit.</param>
/// <param name="AllowedNetworks">Networks from which it may be used; absent for any.</param>
/// <param name="Grants">Which experiments and models it reaches; absent for all.</param>
/// <param name="Quotas">How much it may do a day; absent for no limit.</param>
/// <param name="LastUse">Its last use; absent if none was reported.</param>
/// <param name="Key">The key itself.</param>
public sealed record KeyDescription(
    string KeyId,
    string Display,
    string Name,
    string UserId,
    IReadOnlyList<string> Scopes,
    string Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt = null,
    DateTimeOffset? RevokedAt = null,
    DateTimeOffset? DisabledAt = null,
    string? SuccessorId = null,
    DateTimeOffset? OverlapEndsAt = null,
    DateTimeOffset? RetiredAt = null,
    string? Email = null,
    string? Environment = null,
    int? RateLimitPerHour = null,
    IReadOnlyList<string>? AllowedNetworks = null,
    KeyGrants? Grants = null,
    KeyQuotas? Quotas = null,
    KeyLastUse? LastUse = null,
    string? Key = null)
{
    /// <summary>The id: a record prints all that it holds, and a key must not be among it.</summary>
    public override string ToString() => KeyId;

    internal static KeyDescription Of(StoredKey key, DateTimeOffset now)
    {
        var (terms, limits) = (key.Terms, key.Terms.Limits);
        return new KeyDescription(
            key.Id, key.Display, terms.Name, terms.UserId, terms.Scopes, key.Status(now).ToString().ToLowerInvariant(), key.Created, terms.Expires, key.Revoked, key.Disabled,
            key.Succession?.SuccessorId, key.Succession?.OverlapEnds, key.Succession?.Retired, terms.Email, terms.Environment,
            limits.RateLimitPerHour, limits.AllowedNetworks, limits.Grants, limits.Quotas, key.LastUse);
    }
}

/// <summary>The last use of a key, as gateways reported it.</summary>
/// <param name="At">When.</param>
/// <param name="ClientIp">From where.</param>
/// <param name="Client">What the client calls itself.</param>
/// <param name="Count">How many requests since the key was made.</param>
public sealed record KeyLastUse(DateTimeOffset At, string? ClientIp, string? Client, long Count);

/// <summary>Answer of <c>GET /api/v1/keys</c>.</summary>
/// <param name="Keys">The keys, the oldest first.</param>
public sealed record KeyList(IReadOnlyList<KeyDescription> Keys);

/// <summary>Body of <c>POST /api/v1/keys/ID/rotate</c>.</summary>
/// <param name="OverlapSeconds">How long the old key works beside the new one at most; the service's setting if absent.</param>
public sealed record RotateKeyRequest(long? OverlapSeconds = null);

/// <summary>Answer of <c>POST /api/v1/keys/ID/rotate</c>.</summary>
/// <param name="Successor">The new key, with the key itself.</param>
/// <param name="Replaced">The old one.</param>
public sealed record KeyRotation(KeyDescription Successor, KeyDescription Replaced);

/// <summary>Body of <c>POST /api/v1/keys/revoke-leaked</c>.</summary>
/// <param name="Key">The key that leaked.</param>
public sealed record LeakedKeyRequest(string? Key)
{
    /// <summary>Nothing: a record prints all that it holds, and this one holds a key.</summary>
    public override string ToString() => nameof(LeakedKeyRequest);
}

/// <summary>Answer of <c>POST /api/v1/keys/import</c>.</summary>
/// <param name="Keys">The keys that were imported.</param>
/// <param name="Duplicates">Lines that were left out because their key was there already.</param>
public sealed record KeyImport(IReadOnlyList<KeyDescription> Keys, IReadOnlyList<ImportNote> Duplicates);

/// <summary>Answer 400 of <c>POST /api/v1/keys/import</c>: nothing was imported.</summary>
/// <param name="ErrorCode">The code.</param>
/// <param name="Message">How many faults there are.</param>
/// <param name="Faults">All of them.</param>
public sealed record ImportDenial(string ErrorCode, string Message, IReadOnlyList<ImportNote> Faults);

/// <summary>What is to be said of a line of an import.</summary>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Text">What is to be said.</param>
public sealed record ImportNote(int Line, string Text);

/// <summary>JSON of the administration: snake_case names, absent instead of null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateKeyRequest))]
[JsonSerializable(typeof(KeyDescription))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(RotateKeyRequest))]
[JsonSerializable(typeof(KeyRotation))]
[JsonSerializable(typeof(LeakedKeyRequest))]
[JsonSerializable(typeof(KeyImport))]
[JsonSerializable(typeof(ImportDenial))]
public sealed partial class KeyJson : JsonSerializerContext;
