namespace Hokusai.Routes.Review;

/// <summary>Words of a command that somebody pastes into a shell.</summary>
internal static class ShellText
{
    /// <summary>A word as it is where that is safe, else in single quotes.</summary>
    public static string Quote(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "_./:=,@%+-".Contains(c, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary><c>aws elbv2</c> with these words.</summary>
    public static string Aws(params IEnumerable<string> words) => $"aws elbv2 {string.Join(' ', words.Select(Quote))}";
}
