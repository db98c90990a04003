using System.Security.Cryptography;
using Hokusai.Contracts.Keys;

namespace Hokusai.Keys.Peppers;

/// <summary>A secret of the service under which keys are hashed.</summary>
internal sealed class Pepper
{
    public const int Length = 32;

    private readonly byte[] _secret;

    private Pepper(string id, byte[] secret) => (Id, _secret) = (id, secret);

    /// <summary>What it is called in the configuration and beside each hash.</summary>
    public string Id { get; }

    /// <summary>Tells one secret from another without giving it away.</summary>
    public string Fingerprint => Convert.ToHexStringLower(HMACSHA256.HashData(_secret, "hokusai pepper"u8)[..8]);

    /// <summary>Makes the text of a new one.</summary>
    public static string Generate() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(Length));

    /// <summary>Reads one.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="text">The secret in base64.</param>
    /// <param name="origin">Where the text is from, as it is named when it is no secret.</param>
    /// <exception cref="InvalidDataException">It is not 32 bytes in base64.</exception>
    public static Pepper Parse(string id, string text, string origin)
    {
        var secret = new byte[Length];
        if (!Convert.TryFromBase64String(text.Trim(), secret, out var length) || length != Length)
            throw new InvalidDataException($"{origin} does not hold {Length} bytes in base64; restore it from your backup");
        return new Pepper(id, secret);
    }

    public byte[] Hash(ApiKey key) => HMACSHA256.HashData(_secret, key.ToBytes());
}
