namespace Hokusai.Gateway.Authorization;

/// <summary>Whether patterns of names reach a name. A pattern with <c>!</c> that matches wins over all others; what no pattern matches is not reached.</summary>
internal static class GrantPatterns
{
    /// <summary>Whether the name is reached.</summary>
    /// <param name="patterns">The patterns; null for no limit.</param>
    /// <param name="name">The name.</param>
    /// <param name="pattern">The pattern that decided; null if none matched.</param>
    public static bool Reach(IReadOnlyList<string>? patterns, string name, out string? pattern)
    {
        pattern = null;
        if (patterns is null) return true;
        foreach (var candidate in patterns)
        {
            // Null: what another auth service may send.
            if (candidate is null) continue;
            if (candidate.StartsWith('!') && Matches(candidate.AsSpan(1), name))
            {
                pattern = candidate;
                return false;
            }
            if (pattern is null && !candidate.StartsWith('!') && Matches(candidate, name)) pattern = candidate;
        }
        return pattern is not null;
    }

    // Goes back to the last star only, so it takes no longer than both lengths multiplied, whatever the pattern.
    internal static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (p, n, star, after) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, after) = (p++, n);
            }
            else if (p < pattern.Length && pattern[p] == '?')
            {
                p++;
                n += CharacterAt(name, n);
            }
            else if (p < pattern.Length && pattern[p] == name[n])
            {
                (p, n) = (p + 1, n + 1);
            }
            else if (star >= 0)
            {
                after += CharacterAt(name, after);
                (p, n) = (star + 1, after);
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    // A character beyond the basic plane is two chars, and one for whoever wrote the question mark.
    private static int CharacterAt(ReadOnlySpan<char> text, int index) => index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]) ? 2 : 1;
}
