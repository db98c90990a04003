using System.Text.Json.Serialization;

namespace Hokusai.Keys.Administration;

/// <summary>Body of <c>POST /api/v1/keys</c>.</summary>
/// <param name="Name">What the key is for.</param>
/// <param name="UserId">Whose it is; the maker's if absent.</param>
/// <param name="Scopes">What it may do; read and write if absent.</param>
/// <param name="ExpiresInDays">After how many days it ends; never if absent.</param>
/// <param name="Test">Whether it is for a test environment.</param>
public sealed record CreateKeyRequest(string? Name, string? UserId = null, IReadOnlyList<string>? Scopes = null, int? ExpiresInDays = null, bool Test = false);

/// <summary>A key as it is shown. <paramref name="Key"/> is there once, in the answer to its creation.</summary>
/// <param name="KeyId">Id of the key.</param>
/// <param name="Display">Its first characters.</param>
/// <param name="Name">What it is for.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Status">active, expired or revoked.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends; absent for never.</param>
/// <param name="RevokedAt">When it was revoked; absent if it was not.</param>
/// <param name="Key">The key itself.</param>
public sealed record KeyDescription(
    string KeyId,
    string Display,
    string Name,
    string UserId,
    IReadOnlyList<string> Scopes,
    string Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    string? Key = null)
{
    /// <summary>The id: a record prints all that it holds, and a key must not be among it.</summary>
    public override string ToString() => KeyId;
}

/// <summary>Answer of <c>GET /api/v1/keys</c>.</summary>
/// <param name="Keys">All keys, the oldest first.</param>
public sealed record KeyList(IReadOnlyList<KeyDescription> Keys);

/// <summary>JSON of the administration: snake_case names, absent instead of null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateKeyRequest))]
[JsonSerializable(typeof(KeyDescription))]
[JsonSerializable(typeof(KeyList))]
public sealed partial class KeyJson : JsonSerializerContext;
