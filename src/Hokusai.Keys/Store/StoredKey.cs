namespace Hokusai.Keys.Store;

/// <summary>What is known of a key. The key itself is not.</summary>
/// <param name="Id">Id, which may be logged and shown.</param>
/// <param name="Display">The key's first characters.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">When it ends; null for never.</param>
/// <param name="Revoked">When it was revoked; null if it was not.</param>
internal sealed record StoredKey(
    string Id, string Display, string Name, string UserId, IReadOnlyList<string> Scopes, DateTimeOffset Created, DateTimeOffset? Expires, DateTimeOffset? Revoked)
{
    public string Status(DateTimeOffset now) => Revoked is not null ? "revoked" : Expires <= now ? "expired" : "active";
}
