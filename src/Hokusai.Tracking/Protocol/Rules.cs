using System.Globalization;
using System.Text;

namespace Hokusai.Tracking.Protocol;

/// <summary>MLflow's rules for keys, values and names.</summary>
internal static class Rules
{
    public const int LongestKey = 250;
    public const int LongestParamValue = 6000;
    public const int LongestTagValue = 8000;
    public const int LongestExperimentTagValue = 5000;
    public const int LongestRegistryTagValue = 100_000;
    public const int LongestExperimentName = 500;
    public const int LongestArtifactLocation = 2048;
    public const int LongestDescription = 5000;
    public const int LongestSource = 500;
    public const int LongestModelName = 256;

    /// <summary>Checks the key of a metric, parameter or tag.</summary>
    public static string Key(string kind, string key)
    {
        foreach (var rune in key.EnumerateRunes())
        {
            // As Python's \w: every letter and every number, "²" and "½" too.
            if (!Rune.IsLetter(rune) && !Rune.IsNumber(rune) && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark) && !IsKeyPunctuation(rune))
                throw ApiException.Invalid($"Invalid {kind} name: '{key}'. Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).");
        }
        if (ResolvedPath(key) is var resolved && resolved != key)
            throw ApiException.Invalid($"Invalid {kind} name: '{key}'. Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '{resolved}'");
        return NotLonger(kind + " name", key, LongestKey);
    }

    /// <summary>Refuses a text of more characters (code points, as Python counts) than allowed.</summary>
    public static string NotLonger(string what, string text, int most)
    {
        if (text.Length > most && Characters(text) is var length && length > most)
            throw ApiException.Invalid($"Invalid {what}: '{Cut(text, 50)}…' exceeds the maximum length of {most} characters, it has {length}");
        return text;
    }

    /// <summary>Cuts a text to a number of characters. MLflow shortens long parameters and run tags without a word.</summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most) return text;
        var end = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (most-- == 0) break;
            end += rune.Utf16SequenceLength;
        }
        return text[..end];
    }

    public static long Timestamp(long value) =>
        value >= 0 ? value : throw ApiException.Invalid($"Got invalid timestamp {value}. Timestamp must be a nonnegative long (64-bit integer)");

    private static int Characters(string text) => text.EnumerateRunes().Count();

    private static bool IsKeyPunctuation(Rune rune) => rune.Value is '_' or '-' or '.' or ' ' or ':' or '/';

    // The POSIX normal form; a leading ".." or "/" can't be a file below a folder, so it resolves to nothing.
    private static string ResolvedPath(string key)
    {
        if (key.StartsWith('/') || key.StartsWith("..", StringComparison.Ordinal)) return "";
        var segments = new List<string>();
        foreach (var segment in key.Split('/'))
        {
            if (segment == ".." && segments.Count > 0) segments.RemoveAt(segments.Count - 1);
            else if (segment is not ("" or ".")) segments.Add(segment);
        }
        return string.Join('/', segments);
    }
}
