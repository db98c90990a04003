namespace Hokusai.Contracts.Routing;

/// <summary>
/// A path or host pattern of a load balancer's listener rule: <c>*</c> stands for any number of characters, the slash
/// included, <c>?</c> for exactly one. The whole text must match.
/// </summary>
/// <remarks>Source: AWS, "Condition types for listener rules" (path and host conditions).</remarks>
public static class PathPattern
{
    /// <summary>Whether the text matches the pattern, with the case of letters counting (paths).</summary>
    /// <param name="pattern">The pattern as written in the rule.</param>
    /// <param name="text">The path as received, without the query.</param>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text) => Matches(pattern, text, ignoreCase: false);

    /// <summary>Whether the text matches the pattern, whatever the case of letters (host names).</summary>
    /// <param name="pattern">The pattern as written in the rule.</param>
    /// <param name="text">The host name without port.</param>
    public static bool MatchesIgnoringCase(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text) => Matches(pattern, text, ignoreCase: true);

    // Greedy with one point of return: linear in practice, quadratic at worst, and no expression that a client could make explode.
    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text, bool ignoreCase)
    {
        int p = 0, t = 0, star = -1, resume = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = t;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || Same(pattern[p], text[t], ignoreCase)))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++resume;
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    private static bool Same(char a, char b, bool ignoreCase) =>
        a == b || (ignoreCase && char.ToLowerInvariant(a) == char.ToLowerInvariant(b));
}
