using System.Globalization;
using System.Text.RegularExpressions;
using Hokusai.Contracts.Keys;

namespace Hokusai.Gateway.Telemetry;

/// <summary>Takes keys out of what is remembered or logged, also where an escape hides them: <c>hk%5Flive_…</c> in a path, <c>\u005f</c> in JSON.</summary>
internal static partial class Redaction
{
    private const string Hidden = "(redacted)";

    private static readonly HashSet<string> SecretHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-API-Key", "X-Amz-Security-Token",
    };

    private static readonly string[] SecretWords = ["token", "secret", "password", "credential", "apikey", "api-key"];

    /// <summary>A path or URL.</summary>
    public static string Path(string path)
    {
        var plain = KeyRedactor.Redact(path);
        if (!plain.Contains('%', StringComparison.Ordinal)) return plain;
        // Twice: a proxy in front may have escaped the percent sign itself.
        var decoded = Uri.UnescapeDataString(Uri.UnescapeDataString(plain));
        var redacted = KeyRedactor.Redact(decoded);
        return redacted == decoded ? plain : redacted;
    }

    /// <summary>A body or any other text.</summary>
    public static string Text(string text)
    {
        var plain = Path(text);
        if (!plain.Contains("\\u00", StringComparison.Ordinal)) return plain;
        var decoded = JsonEscape().Replace(plain, static m => ((char)int.Parse(m.ValueSpan[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());
        var redacted = KeyRedactor.Redact(decoded);
        return redacted == decoded ? plain : redacted;
    }

    /// <summary>A header's value: hidden where the name says that it is a secret or where it holds something like a key.</summary>
    public static string Header(string name, string value)
    {
        if (SecretHeaders.Contains(name) || Array.Exists(SecretWords, w => name.Contains(w, StringComparison.OrdinalIgnoreCase))) return Hidden;
        return Text(value) == value ? value : Hidden;
    }

    [GeneratedRegex(@"\\u00[0-7][0-9a-fA-F]", RegexOptions.CultureInvariant)]
    private static partial Regex JsonEscape();
}
