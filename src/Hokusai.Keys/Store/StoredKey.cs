using System.Text.Json.Serialization;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Administration;

namespace Hokusai.Keys.Store;

/// <summary>What is known of a key. The key itself is not.</summary>
/// <param name="Id">Id, which may be logged and shown.</param>
/// <param name="Display">The key's first characters.</param>
/// <param name="Terms">Whose it is, what it may do and how long.</param>
/// <param name="Created">When it was made or imported.</param>
internal sealed record StoredKey(string Id, string Display, KeyTerms Terms, DateTimeOffset Created)
{
    /// <summary>When it was revoked; null if it was not.</summary>
    public DateTimeOffset? Revoked { get; init; }

    /// <summary>When it was switched off; null if it is on.</summary>
    public DateTimeOffset? Disabled { get; init; }

    /// <summary>The key that takes its place; null if it was not rotated.</summary>
    public KeySuccession? Succession { get; init; }

    /// <summary>Its last use; null if none was reported.</summary>
    public KeyLastUse? LastUse { get; init; }

    /// <summary>When it ends by itself, whatever comes first: its time, or the overlap with its successor.</summary>
    public DateTimeOffset? Ends => Succession is { } succession && !(Terms.Expires <= succession.OverlapEnds) ? succession.OverlapEnds : Terms.Expires;

    public KeyStatus Status(DateTimeOffset now)
    {
        if (Revoked is not null) return KeyStatus.Revoked;
        if (Succession is { } succession && (succession.Retired ?? succession.OverlapEnds) <= now) return KeyStatus.Rotated;
        if (Disabled is not null) return KeyStatus.Disabled;
        if (Terms.Expires <= now) return KeyStatus.Expired;
        return Succession is null ? KeyStatus.Active : KeyStatus.Rotating;
    }

    public bool IsUsable(DateTimeOffset now) => Status(now) is KeyStatus.Active or KeyStatus.Rotating;
}

/// <summary>Where a key stands in its life. Only the first two are valid.</summary>
internal enum KeyStatus
{
    Active,

    /// <summary>It has a successor and still works beside it.</summary>
    Rotating,

    Disabled,

    Expired,

    /// <summary>Its successor has taken its place.</summary>
    Rotated,

    Revoked,
}

/// <summary>A rotation, from the old key's side.</summary>
/// <param name="SuccessorId">Id of the new key.</param>
/// <param name="OverlapEnds">Until when the old one works at most.</param>
/// <param name="Retired">When it ended earlier, because nobody used it any more.</param>
internal sealed record KeySuccession(string SuccessorId, DateTimeOffset OverlapEnds, DateTimeOffset? Retired);

/// <summary>What was agreed for a key. A successor takes it over.</summary>
/// <param name="Name">What its owner calls it.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Expires">When it ends; null for never.</param>
/// <param name="Email">The owner's address.</param>
/// <param name="Environment">Which environment it is for.</param>
/// <param name="Limits">Where, on what and how much it may be used.</param>
internal sealed record KeyTerms(string Name, string UserId, IReadOnlyList<string> Scopes, DateTimeOffset? Expires, string? Email, string? Environment, KeyLimits Limits);

/// <summary>Where, on what and how much a key may be used; null means without limit.</summary>
internal sealed record KeyLimits(int? RateLimitPerHour = null, IReadOnlyList<string>? AllowedNetworks = null, KeyGrants? Grants = null, KeyQuotas? Quotas = null)
{
    public static KeyLimits None { get; } = new();
}

/// <summary>JSON of what one column of the store holds.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeyLimits))]
internal sealed partial class StoreJson : JsonSerializerContext;
