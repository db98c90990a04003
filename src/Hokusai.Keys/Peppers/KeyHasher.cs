using Hokusai.Contracts.Keys;

namespace Hokusai.Keys.Peppers;

/// <summary>
/// HMAC-SHA-256 of a key under a secret of the service. A key has 150 random bits, so a slow hash would add cost and no
/// strength; the secret keeps a stolen database useless for testing guesses.
/// </summary>
/// <param name="peppers">The newest first: new hashes are made with it, the others are for keys that were hashed earlier.</param>
internal sealed class KeyHasher(IReadOnlyList<Pepper> peppers)
{
    public IReadOnlyList<Pepper> Peppers => peppers;

    public Pepper Newest => peppers[0];

    /// <summary>The hash as it is stored, under the newest pepper. It is stored together with <see cref="Newest"/>'s id.</summary>
    public string Hash(ApiKey key) => Convert.ToHexStringLower(Newest.Hash(key));
}
