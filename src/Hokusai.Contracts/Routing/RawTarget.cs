namespace Hokusai.Contracts.Routing;

/// <summary>
/// The request target as it came over the wire. Rules, prefixes and artifact names are all decided on these bytes:
/// a decoded or cleaned path would let two hops see two different things.
/// </summary>
public static class RawTarget
{
    /// <summary>The path of a target, without query, and without scheme and host if the target is in absolute form.</summary>
    /// <param name="target">The request target, RFC 9112 section 3.2.</param>
    public static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> target)
    {
        target = WithoutOrigin(target);
        var query = target.IndexOf('?');
        return query < 0 ? target : target[..query];
    }

    /// <summary>The query of a target with its question mark; empty if there is none.</summary>
    /// <param name="target">The request target.</param>
    public static ReadOnlySpan<char> QueryOf(ReadOnlySpan<char> target)
    {
        var query = target.IndexOf('?');
        return query < 0 ? [] : target[query..];
    }

    private static ReadOnlySpan<char> WithoutOrigin(ReadOnlySpan<char> target)
    {
        if (target.StartsWith('/')) return target;
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0) return target;
        // A slash in the query begins no path: the path of "http://host?a=/b" is empty.
        var end = target[(scheme + 3)..].IndexOfAny('/', '?');
        return end < 0 || target[scheme + 3 + end] == '?' ? "/" : target[(scheme + 3 + end)..];
    }
}
