namespace Hokusai.Contracts.Routing;

/// <summary>
/// A path or host pattern of a load balancer's listener rule: <c>*</c> stands for any number of characters, the slash
/// included, <c>?</c> for exactly one. The whole text must match.
/// </summary>
/// <remarks>Source: AWS, "Condition types for listener rules" (path and host conditions).</remarks>
public static class PathPattern
{
    private const int LongestOnStack = 512;

    /// <summary>Whether the text matches the pattern, with the case of letters counting (paths).</summary>
    /// <param name="pattern">The pattern as written in the rule.</param>
    /// <param name="text">The path as received, without the query.</param>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text) => Matches(pattern, text, ignoreCase: false);

    /// <summary>Whether the text matches the pattern, whatever the case of letters (host names).</summary>
    /// <param name="pattern">The pattern as written in the rule.</param>
    /// <param name="text">The host name without port.</param>
    public static bool MatchesIgnoringCase(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text) => Matches(pattern, text, ignoreCase: true);

    /// <summary>Whether a pattern takes everything that another one takes. A yes is true; a few exotic yeses are missed.</summary>
    /// <param name="wide">The pattern that may be the wider one.</param>
    /// <param name="narrow">The pattern that may be within it.</param>
    public static bool Covers(ReadOnlySpan<char> wide, ReadOnlySpan<char> narrow)
    {
        // The narrow pattern is read as a text in which only a star of the wide one can stand for a star: one row a character, true where the wide pattern can be.
        Span<bool> here = wide.Length < LongestOnStack ? stackalloc bool[wide.Length + 1] : new bool[wide.Length + 1];
        Span<bool> next = wide.Length < LongestOnStack ? stackalloc bool[wide.Length + 1] : new bool[wide.Length + 1];
        here[0] = true;
        Skip(wide, here);
        foreach (var c in narrow)
        {
            next.Clear();
            for (var i = 0; i < wide.Length; i++)
            {
                if (!here[i]) continue;
                if (wide[i] == '*') next[i] = true;
                else if (c != '*' && (wide[i] == '?' || wide[i] == c)) next[i + 1] = true;
            }
            Skip(wide, next);
            next.CopyTo(here);
        }
        return here[wide.Length];
    }

    // A star may stand for nothing.
    private static void Skip(ReadOnlySpan<char> pattern, Span<bool> states)
    {
        for (var i = 0; i < pattern.Length; i++)
        {
            if (states[i] && pattern[i] == '*') states[i + 1] = true;
        }
    }

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
