using System.Security.Cryptography;
using Hokusai.Contracts.Keys;

namespace Hokusai.Keys.Store;

/// <summary>
/// HMAC-SHA-256 of a key under a secret of the service. A key has 150 random bits, so a slow hash would add cost and no
/// strength; the secret keeps a stolen database useless for testing guesses.
/// </summary>
internal sealed class KeyHasher
{
    private const int PepperLength = 32;

    private readonly byte[] _pepper;

    private KeyHasher(byte[] pepper) => _pepper = pepper;

    /// <summary>Tells one secret from another without giving it away.</summary>
    public string Fingerprint => Convert.ToHexStringLower(HMACSHA256.HashData(_pepper, "hokusai pepper"u8)[..8]);

    public static KeyHasher Load(string file)
    {
        var path = Path.GetFullPath(file);
        if (!File.Exists(path)) Create(path);
        var text = File.ReadAllText(path).Trim();
        var pepper = new byte[PepperLength];
        if (!Convert.TryFromBase64String(text, pepper, out var length) || length != PepperLength)
            throw new InvalidDataException($"the pepper file {path} does not hold {PepperLength} bytes in base64; restore it from your backup");
        return new KeyHasher(pepper);
    }

    public string Hash(ApiKey key) => Convert.ToHexStringLower(HMACSHA256.HashData(_pepper, key.ToBytes()));

    private static void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(path, options);
        writer.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(PepperLength)));
    }
}
