using Hokusai.Contracts.Keys;

namespace Hokusai.Keys.Explain;

/// <summary>Says what is wrong with a text that should be a key, as closely as the text allows, and never shows more of it than a display prefix.</summary>
internal static class KeyDiagnosis
{
    private const string Copy = "copy it again, as one piece";

    /// <summary>Looks at what stands where a key should.</summary>
    /// <returns>What is wrong; null if it has a key's form and a right checksum.</returns>
    public static Remark? Of(string text)
    {
        if (ApiKey.TryParse(text, out var key)) return key.HasValidChecksum ? null : new Remark(false, $"the checksum of {key.Display} is wrong: a character was mistyped or changed, unless an older platform issued the key", $"{Copy}; or ask for a new one (hokusai keys create)");
        if (text.Length == 0 || text.Equals("Bearer", StringComparison.OrdinalIgnoreCase) || text.Equals("Basic", StringComparison.OrdinalIgnoreCase)) return new Remark(true, "it is empty", "set the variable in the same shell, and export it");
        if (text[0] is '$' or '<' or '{' || (text[0] == '%' && text.EndsWith('%'))) return new Remark(true, "it is a placeholder that nobody filled in", "use double quotes in shells, so that the variable is replaced");
        if (text.AsSpan().IndexOfAny("*[") >= 0 || text.Contains("redacted", StringComparison.OrdinalIgnoreCase)) return new Remark(false, "the dump hides it", "take the dump with the credential in it (it is not shown here), or check with --env");
        if (text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) || text.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return new Remark(true, "a scheme stands before it twice", "MLFLOW_TRACKING_TOKEN is the key alone; the client writes Bearer before it");
        if (text.Any("\u201C\u201D\u2018\u2019\u00AB\u00BB\u201E".Contains)) return new Remark(true, "it has typographic quotes, which a text processor put there", Copy);
        if (text.AsSpan().IndexOfAny("\r\n") >= 0 || text.EndsWith("%0A", StringComparison.OrdinalIgnoreCase) || text.EndsWith("\\n", StringComparison.Ordinal)) return new Remark(true, "a line end belongs to it", "read it without one: $(cat FILE) in shells, .strip() in Python, echo -n when storing it");
        if (text.AsSpan().IndexOfAny(" \t\u00A0\u200B") >= 0) return new Remark(true, "there is a blank in it", Copy);
        if (text.AsSpan().IndexOfAny("\"'`") >= 0) return new Remark(true, "there is a quote in it", "leave quotes out of .env files for docker run --env-file and of YAML blocks");
        return OfForm(text);
    }

    private static Remark OfForm(string text)
    {
        foreach (var prefix in (string[])[ApiKey.LivePrefix, ApiKey.TestPrefix])
        {
            if (text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && !text.StartsWith(prefix, StringComparison.Ordinal)) return new Remark(true, $"{prefix} is not in lower case", Copy);
            if (!text.StartsWith(prefix, StringComparison.Ordinal)) continue;
            if (text.Length < ApiKey.Length) return new Remark(true, $"it was cut: it has {text.Length} characters, a key has {ApiKey.Length}", Copy);
            if (ApiKey.TryParse(text[..ApiKey.Length], out var first)) return new Remark(true, $"{(first.HasValidChecksum ? "a good key is followed by" : "behind a key's form stand")} {text.Length - ApiKey.Length} more characters", "leave out what was pasted behind it");
            return new Remark(true, ApiKey.Fault(text)!, Copy);
        }
        if (Foreign(text) is { } kind) return new Remark(true, $"it is {kind}, no key of this platform", "ask for a key (hokusai keys create)");
        return new Remark(true, ApiKey.Fault(text)!, Copy);
    }

    private static string? Foreign(string text) => text switch
    {
        _ when text.StartsWith("eyJ", StringComparison.Ordinal) => "a JSON web token",
        _ when text.StartsWith("dapi", StringComparison.Ordinal) => "a Databricks token",
        _ when text.StartsWith("ghp_", StringComparison.Ordinal) || text.StartsWith("github_pat_", StringComparison.Ordinal) => "a GitHub token",
        _ when text.StartsWith("glpat-", StringComparison.Ordinal) => "a GitLab token",
        _ when text.StartsWith("aGtf", StringComparison.Ordinal) => "a key in base64",
        _ when text.StartsWith("key_", StringComparison.Ordinal) => "a key's id",
        _ => null,
    };
}
