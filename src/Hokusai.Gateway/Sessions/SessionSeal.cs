using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Hokusai.Contracts.Keys;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Sessions;

/// <summary>A browser's session: a key, and since when.</summary>
/// <param name="Id">Random; names the session without its key.</param>
/// <param name="Key">The key that was given at the sign-in.</param>
/// <param name="Since">When that was.</param>
internal sealed record Session(string Id, ApiKey Key, DateTimeOffset Since);

/// <summary>
/// Seals sessions into cookies and opens them: AES-256-GCM under a key that is derived from the secret. A cookie is
/// <c>nonce(12) version(1) sealed(since(8) id(16) key(40)) tag(16)</c> in base64url; whatever was changed in it does not open.
/// </summary>
internal sealed class SessionSeal
{
    private const byte Version = 1;
    private const int Nonce = 12;
    private const int Tag = 16;
    private const int IdLength = 16;
    private const int Plain = sizeof(long) + IdLength + ApiKey.Length;
    private const int Whole = Nonce + 1 + Plain + Tag;

    private readonly byte[][] _keys;
    private readonly byte[] _formKey;

    /// <summary>Takes secrets; the first seals, all of them open.</summary>
    public SessionSeal(IReadOnlyList<string> secrets)
    {
        _keys = [.. secrets.Select(secret => Derive(secret, "hokusai session v1"u8))];
        _formKey = Derive(secrets[0], "hokusai form v1"u8);
    }

    /// <summary>The seal that the options ask for.</summary>
    /// <exception cref="InvalidDataException">The secret file holds no usable secret.</exception>
    public static SessionSeal Load(SessionOptions options, ILogger logger)
    {
        if (options.Secret is { Length: > 0 } secret) return new SessionSeal([secret]);
        if (options.SecretFile is { Length: > 0 } file) return new SessionSeal(ReadFile(Path.GetFullPath(file)));
        SessionLog.SecretIsRandom(logger);
        return new SessionSeal([RandomText()]);
    }

    /// <summary>16 random bytes as text.</summary>
    public static string NewId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdLength));

    public string Seal(Session session)
    {
        Span<byte> plain = stackalloc byte[Plain];
        BinaryPrimitives.WriteInt64BigEndian(plain, session.Since.ToUnixTimeMilliseconds());
        Base64Url.DecodeFromChars(session.Id, plain[sizeof(long)..]);
        session.Key.ToBytes().CopyTo(plain[(sizeof(long) + IdLength)..]);
        var cookie = new byte[Whole];
        RandomNumberGenerator.Fill(cookie.AsSpan(0, Nonce));
        cookie[Nonce] = Version;
        using var aes = new AesGcm(_keys[0], Tag);
        aes.Encrypt(cookie.AsSpan(0, Nonce), plain, cookie.AsSpan(Nonce + 1, Plain), cookie.AsSpan(Nonce + 1 + Plain), cookie.AsSpan(Nonce, 1));
        CryptographicOperations.ZeroMemory(plain);
        return Base64Url.EncodeToString(cookie);
    }

    public bool TryOpen(string cookie, [NotNullWhen(true)] out Session? session)
    {
        session = null;
        Span<byte> whole = stackalloc byte[Whole];
        if (cookie.Length != Base64Url.GetEncodedLength(Whole) || !Base64Url.IsValid(cookie) || !Base64Url.TryDecodeFromChars(cookie, whole, out var length) || length != Whole || whole[Nonce] != Version) return false;
        Span<byte> plain = stackalloc byte[Plain];
        foreach (var key in _keys)
        {
            if (!TryDecrypt(key, whole, plain)) continue;
            if (!ApiKey.TryParse(Encoding.ASCII.GetString(plain[(sizeof(long) + IdLength)..]), out var held)) return false;
            session = new Session(Base64Url.EncodeToString(plain.Slice(sizeof(long), IdLength)), held, DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(plain)));
            CryptographicOperations.ZeroMemory(plain);
            return true;
        }
        return false;
    }

    /// <summary>A form's token: proves that the form was made here and for the holder of a cookie.</summary>
    /// <param name="purpose">What the form is for.</param>
    /// <param name="holder">What only that browser sends: its form cookie, or its session's id.</param>
    public string FormToken(string purpose, string holder) => Base64Url.EncodeToString(HMACSHA256.HashData(_formKey, Encoding.UTF8.GetBytes($"{purpose}\n{holder}")));

    public bool IsFormToken(string? token, string purpose, string holder) =>
        token is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(FormToken(purpose, holder)));

    private static bool TryDecrypt(byte[] key, ReadOnlySpan<byte> whole, Span<byte> plain)
    {
        using var aes = new AesGcm(key, Tag);
        try
        {
            aes.Decrypt(whole[..Nonce], whole.Slice(Nonce + 1, Plain), whole[^Tag..], plain, whole.Slice(Nonce, 1));
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private static byte[] Derive(string secret, ReadOnlySpan<byte> purpose)
    {
        var key = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), key, [], purpose);
        return key;
    }

    private static string RandomText() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static List<string> ReadFile(string path)
    {
        if (!File.Exists(path)) Create(path);
        var secrets = File.ReadAllLines(path).Select(line => line.Trim()).Where(line => line.Length > 0).ToList();
        if (secrets.Count == 0 || secrets.Exists(secret => secret.Length < SessionOptions.LeastSecret))
            throw new InvalidDataException($"the session secret file {path} needs lines of at least {SessionOptions.LeastSecret} characters each; the first is used for new sessions");
        return secrets;
    }

    private static void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Under another name first: a second gateway that starts now must not read half a secret.
        var draft = $"{path}.{NewId()}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(draft, options)) writer.WriteLine(RandomText());
        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
    }
}
