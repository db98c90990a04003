using System.Text;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Artifacts;

/// <summary>
/// The one rule for every artifact path that a client sends, in a URL, a query or a body. What comes out is relative,
/// has no empty, <c>.</c> or <c>..</c> segment, and is the path that is really used.
/// </summary>
internal static class ArtifactPath
{
    private const int MostDecodings = 10;

    /// <summary>Decodes, checks and cleans a path.</summary>
    /// <param name="path">The path as received.</param>
    /// <returns>Segments joined by slashes; empty for the root.</returns>
    /// <exception cref="ApiException">400 "Invalid path".</exception>
    public static string Clean(string path)
    {
        var plain = DecodeFully(path);
        if (HidesAnEscape(plain)) throw Invalid();
        var decoded = EscapeControls(plain);
        // Absolute in the POSIX or in the Windows sense, a file: URI, or a character that another system reads as a separator.
        if (decoded.StartsWith('/') || decoded.StartsWith("file:", StringComparison.OrdinalIgnoreCase) || decoded.Contains('\\', StringComparison.Ordinal)
            || decoded.Contains('#', StringComparison.Ordinal) || (decoded.Length >= 2 && char.IsAsciiLetter(decoded[0]) && decoded[1] == ':'))
            throw Invalid();
        var segments = new List<string>();
        foreach (var segment in decoded.Split('/'))
        {
            if (segment == "..") throw Invalid();
            if (segment is not ("" or ".")) segments.Add(segment);
        }
        if (segments.Count > 0 && segments[0] == ArtifactFolder.UploadsFolder) throw Invalid();
        return string.Join('/', segments);
    }

    /// <summary>
    /// Percent-decodes until nothing changes: a check on anything less is fooled by one more layer. Tabs and line ends go, as
    /// URL readers drop them: hidden in <c>%2%0952e</c> they would turn into dots at the next reader only.
    /// </summary>
    public static string DecodeFully(string text)
    {
        for (var i = 0; i < MostDecodings; i++)
        {
            var decoded = string.Concat(Uri.UnescapeDataString(text).Split('\t', '\r', '\n'));
            if (decoded == text) return text;
            text = decoded;
        }
        throw Invalid();
    }

    public static ApiException Invalid() => ApiException.Invalid("Invalid path");

    // Parsers of URLs drop these, so that "%2<tab>52e" would become "%252e" for one that reads the path after us.
    private static bool HidesAnEscape(string text)
    {
        if (text.IndexOfAny(['\t', '\r', '\n']) < 0) return false;
        var joined = string.Concat(text.Where(c => c is not ('\t' or '\r' or '\n')));
        return Uri.UnescapeDataString(joined) != joined;
    }

    // A name such as "step%100" decodes to a control character and "0"; escaped again it is the name that was meant.
    private static string EscapeControls(string text)
    {
        if (!text.Any(char.IsControl)) return text;
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (char.IsControl(c)) escaped.Append('%').Append(((int)c).ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            else escaped.Append(c);
        }
        return escaped.ToString();
    }
}
