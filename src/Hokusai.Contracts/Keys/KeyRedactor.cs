using System.Text.RegularExpressions;

namespace Hokusai.Contracts.Keys;

/// <summary>Replaces whatever looks like a key, or a long part of one, in a text that is going to be shown or logged.</summary>
public static partial class KeyRedactor
{
    /// <summary>The text with every key cut to its prefix.</summary>
    /// <param name="text">A path, a header or a message.</param>
    public static string Redact(string text) => text.Contains("hk", StringComparison.Ordinal) ? KeyLike().Replace(text, "$1…") : text;

    // Percent signs count as part of a key, and an underscore may be escaped, even twice: an escape must not save the rest of it from being cut.
    [GeneratedRegex("(hk(?:_|%(?:25)*5[Ff])(?:live|test)(?:_|%(?:25)*5[Ff]))[0-9A-Za-z%]{6,}", RegexOptions.CultureInvariant)]
    private static partial Regex KeyLike();
}
