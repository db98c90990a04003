using System.Buffers;
using System.Buffers.Text;
using Hokusai.Contracts.Keys;

namespace Hokusai.Keys.Scan;

/// <summary>A key as it stands in bytes: plain, in UTF-16, in base64 (as in <c>Authorization: Basic</c>), or with characters escaped as URLs, JSON, HTML, mails and Markdown do.</summary>
internal static class SpelledKey
{
    /// <summary>No spelling of a key that is read here takes more bytes.</summary>
    public const int Longest = 1024;

    /// <summary>How many bytes before a mark may belong to the key's spelling.</summary>
    public const int Before = 3;

    private const int Base64Length = 60;

    private static readonly SearchValues<byte> Alphabet = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> Base64Values = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/-_"u8);

    /// <summary>What a key's spelling begins with, and how the rest is read. All other bytes need no closer look.</summary>
    public static IReadOnlyList<(byte[] Mark, Func<ReadOnlySpan<byte>, int, ApiKey?> Read)> Marks { get; } =
    [
        ("hk"u8.ToArray(), static (bytes, at) => Escaped(bytes[at..])),
        ("h\0k"u8.ToArray(), static (bytes, at) => Wide(bytes[at..])),
        ("%68"u8.ToArray(), static (bytes, at) => Escaped(bytes[at..])),
        ("%2568"u8.ToArray(), static (bytes, at) => Escaped(bytes[at..])),
        ("h%"u8.ToArray(), static (bytes, at) => Escaped(bytes[at..])),
        ("u0068"u8.ToArray(), static (bytes, at) => at > 0 ? Escaped(bytes[(at - 1)..]) : null),
        ("h\\u006"u8.ToArray(), static (bytes, at) => Escaped(bytes[at..])),
        // "hk_" at the three places that it can have in base64.
        ("aGtf"u8.ToArray(), static (bytes, at) => Base64(bytes[at..], 0)),
        ("hrX"u8.ToArray(), static (bytes, at) => at >= 2 ? Base64(bytes[(at - 2)..], 1) : null),
        ("oa19"u8.ToArray(), static (bytes, at) => at >= 3 ? Base64(bytes[(at - 3)..], 2) : null),
    ];

    private static ApiKey? Wide(ReadOnlySpan<byte> bytes)
    {
        // Every other byte of UTF-16, of either order: what lies between is zero. After the key anything may follow.
        Span<byte> narrow = stackalloc byte[Longest / 2];
        var length = 0;
        for (var i = 0; i < bytes.Length && length < narrow.Length; i += 2)
        {
            narrow[length++] = bytes[i];
            if (i + 1 < bytes.Length && bytes[i + 1] != 0) break;
        }
        return Escaped(narrow[..length]);
    }

    private static ApiKey? Base64(ReadOnlySpan<byte> bytes, int offset)
    {
        Span<byte> chars = stackalloc byte[Base64Length];
        Span<byte> plain = stackalloc byte[Base64Length];
        bytes = bytes[..Math.Min(bytes.Length, chars.Length)];
        var end = bytes.IndexOfAnyExcept(Base64Values);
        bytes = bytes[..(end < 0 ? bytes.Length : end)];
        bytes.CopyTo(chars);
        chars = chars[..bytes.Length];
        chars.Replace((byte)'+', (byte)'-');
        chars.Replace((byte)'/', (byte)'_');
        // Whether it goes on to a good end does not matter; what was read until then does.
        Base64Url.DecodeFromUtf8(chars, plain, out _, out var length);
        return length > offset ? Escaped(plain[offset..length]) : null;
    }

    /// <summary>The key with which bytes begin. One without a valid checksum counts only if nothing of a key's characters follows it.</summary>
    private static ApiKey? Escaped(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[ApiKey.Length];
        var at = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (!TryNext(bytes, ref at, out var next) || !Fits(i, next, text)) return null;
            text[i] = (char)next;
        }
        if (!ApiKey.TryParse(text.ToString(), out var key)) return null;
        return key.HasValidChecksum || at >= bytes.Length || !Alphabet.Contains(bytes[at]) ? key : null;
    }

    // The prefixes differ in four letters only, of which the first says which of them it is.
    private static bool Fits(int i, byte next, ReadOnlySpan<char> before) => i switch
    {
        < 3 => next == ApiKey.LivePrefix[i],
        3 => next == ApiKey.LivePrefix[3] || next == ApiKey.TestPrefix[3],
        < 8 => next == (before[3] == ApiKey.LivePrefix[3] ? ApiKey.LivePrefix : ApiKey.TestPrefix)[i],
        _ => Alphabet.Contains(next),
    };

    // One character, whatever spelling it has, and never more than that.
    private static bool TryNext(ReadOnlySpan<byte> bytes, ref int at, out byte next)
    {
        next = 0;
        if (at >= bytes.Length) return false;
        next = bytes[at++];
        return next switch
        {
            (byte)'%' => TryPercent(bytes, ref at, out next),
            (byte)'\\' => TryBackslash(bytes, ref at, out next),
            (byte)'&' => TryEntity(bytes, ref at, out next),
            (byte)'=' => TryHex(bytes, ref at, 2, out next),
            _ => true,
        };
    }

    // The percent sign may be escaped itself, again and again.
    private static bool TryPercent(ReadOnlySpan<byte> bytes, ref int at, out byte next)
    {
        while (bytes[at..].StartsWith("25"u8)) at += 2;
        return TryHex(bytes, ref at, 2, out next);
    }

    private static bool TryBackslash(ReadOnlySpan<byte> bytes, ref int at, out byte next)
    {
        next = 0;
        while (at < bytes.Length && bytes[at] == '\\') at++;
        if (at >= bytes.Length) return false;
        switch (bytes[at++])
        {
            case (byte)'u' or (byte)'U' when bytes[at..].StartsWith("00"u8):
                at += 2;
                return TryHex(bytes, ref at, 2, out next);
            case (byte)'x':
                return TryHex(bytes, ref at, 2, out next);
            case (byte)'_':
                next = (byte)'_';
                return true;
            default:
                return false;
        }
    }

    private static bool TryEntity(ReadOnlySpan<byte> bytes, ref int at, out byte next)
    {
        next = 0;
        var end = bytes[at..Math.Min(bytes.Length, at + 8)].IndexOf((byte)';');
        if (end < 2 || bytes[at] != '#') return false;
        var digits = bytes.Slice(at + 1, end - 1);
        at += end + 1;
        var isHex = digits[0] is (byte)'x' or (byte)'X';
        return isHex ? Utf8Parser.TryParse(digits[1..], out next, out var read, 'x') && read == digits.Length - 1 : Utf8Parser.TryParse(digits, out next, out read) && read == digits.Length;
    }

    private static bool TryHex(ReadOnlySpan<byte> bytes, ref int at, int digits, out byte value)
    {
        value = 0;
        if (at + digits > bytes.Length || !Utf8Parser.TryParse(bytes.Slice(at, digits), out value, out var read, 'x') || read != digits) return false;
        at += digits;
        return true;
    }
}
