using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Hokusai.Contracts.Keys;

/// <summary>
/// An API key: <c>hk_live_</c> or <c>hk_test_</c> and 32 characters of [0-9A-Za-z]. The last six characters of a key
/// issued here are a checksum of the rest, so that a typo or a truncation is told from an unknown key without a look-up.
/// </summary>
/// <remarks>
/// <see cref="ToString"/> gives the display form, never the key: a key that slips into a log line, an exception
/// or a string interpolation stays unreadable. Only <see cref="Reveal"/> gives the whole key.
/// </remarks>
public readonly struct ApiKey : IEquatable<ApiKey>
{
    /// <summary>What a key of the production environment starts with.</summary>
    public const string LivePrefix = "hk_live_";

    /// <summary>What a key of a test environment starts with.</summary>
    public const string TestPrefix = "hk_test_";

    /// <summary>Length of a whole key in characters.</summary>
    public const int Length = PrefixLength + SecretLength;

    /// <summary>How many characters <see cref="Display"/> shows after the prefix.</summary>
    public const int DisplayLength = 4;

    private const int PrefixLength = 8;
    private const int SecretLength = 32;
    private const int ChecksumLength = 6;
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> AlphabetValues = SearchValues.Create(Alphabet);

    private readonly string? _text;

    private ApiKey(string text) => _text = text;

    /// <summary>Whether the last six characters are the checksum of the rest. False for keys that older platforms issued.</summary>
    public bool HasValidChecksum => _text is { } text && text.AsSpan(Length - ChecksumLength).SequenceEqual(Checksum(text.AsSpan(0, Length - ChecksumLength)));

    /// <summary>The prefix, the first four characters and an ellipsis: enough to recognise a key, useless to use it.</summary>
    public string Display => _text is { } text ? string.Concat(text.AsSpan(0, PrefixLength + DisplayLength), "…") : "";

    /// <summary>Whether the key belongs to a test environment.</summary>
    public bool IsTest => _text is { } text && text.StartsWith(TestPrefix, StringComparison.Ordinal);

    /// <summary>Makes a new key from 26 random characters (154.8 bits) and their checksum.</summary>
    /// <param name="test">Whether the key is for a test environment.</param>
    public static ApiKey Mint(bool test = false)
    {
        var body = (test ? TestPrefix : LivePrefix) + RandomNumberGenerator.GetString(Alphabet, SecretLength - ChecksumLength);
        return new ApiKey(body + new string(Checksum(body)));
    }

    /// <summary>Reads a key. The form is checked, the checksum is not: imported keys may have none.</summary>
    /// <param name="text">What a client sent.</param>
    /// <param name="key">The key, if the form is right.</param>
    /// <returns>Whether the text has the form of a key.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out ApiKey key)
    {
        key = default;
        if (text is null || Fault(text) is not null) return false;
        key = new ApiKey(text);
        return true;
    }

    /// <summary>Says in words what is wrong with the form of a text that should be a key, without repeating the text.</summary>
    /// <param name="text">What a client sent.</param>
    /// <returns>The fault, or null if the form is right.</returns>
    public static string? Fault(string text)
    {
        if (!text.StartsWith(LivePrefix, StringComparison.Ordinal) && !text.StartsWith(TestPrefix, StringComparison.Ordinal))
            return $"it does not start with {LivePrefix} or {TestPrefix}";
        if (text.Length != Length)
            return $"it has {text.Length} characters, a key has {Length}: it may have been cut or have something pasted to it";
        return text.AsSpan(PrefixLength).ContainsAnyExcept(AlphabetValues) ? "it holds characters other than letters and digits" : null;
    }

    /// <summary>The whole key, to be sent or hashed, never to be logged.</summary>
    public string Reveal() => _text ?? "";

    /// <summary>The whole key as bytes, for hashing.</summary>
    public byte[] ToBytes() => Encoding.ASCII.GetBytes(Reveal());

    /// <inheritdoc/>
    public override string ToString() => Display;

    /// <inheritdoc/>
    public bool Equals(ApiKey other) => CryptographicOperations.FixedTimeEquals(ToBytes(), other.ToBytes());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ApiKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Reveal().GetHashCode(StringComparison.Ordinal);

    /// <summary>Whether two keys are the same.</summary>
    public static bool operator ==(ApiKey left, ApiKey right) => left.Equals(right);

    /// <summary>Whether two keys differ.</summary>
    public static bool operator !=(ApiKey left, ApiKey right) => !left.Equals(right);

    private static char[] Checksum(ReadOnlySpan<char> body)
    {
        Span<byte> bytes = stackalloc byte[body.Length];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Encoding.ASCII.GetBytes(body, bytes);
        SHA256.HashData(bytes, hash);
        var number = BitConverter.ToUInt64(hash) % 56_800_235_584; // 62^6: six characters of the alphabet
        var text = new char[ChecksumLength];
        for (var i = ChecksumLength - 1; i >= 0; i--, number /= 62) text[i] = Alphabet[(int)(number % 62)];
        return text;
    }
}
