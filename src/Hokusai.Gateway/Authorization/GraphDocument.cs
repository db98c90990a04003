namespace Hokusai.Gateway.Authorization;

/// <summary>
/// Whether a GraphQL document only reads. Looks at what stands outside of all brackets: a document of queries and fragments reads; a mutation,
/// a subscription or anything that is not clearly one of the former counts as writing.
/// </summary>
internal static class GraphDocument
{
    /// <summary>Whether a request to <c>/graphql</c> only reads.</summary>
    public static bool OnlyReads(string method, string query, ReadOnlyMemory<byte> body)
    {
        try
        {
            using var fields = RequestFields.Read(method, query, body);
            return fields.Texts("query") is [var document] && OnlyReads(document);
        }
        catch (AmbiguousRequestException)
        {
            return false;
        }
    }

    /// <summary>Whether the document holds queries and fragments only.</summary>
    public static bool OnlyReads(ReadOnlySpan<char> text)
    {
        var open = new Stack<char>();
        var (inDefinition, definitions) = (false, 0);
        while (NextToken(ref text, out var token))
        {
            if (token.IsEmpty) return false;
            var first = token[0];
            if (first is '{' or '(' or '[')
            {
                if (open.Count == 0 && first != '{' && !inDefinition) return false;
                if (open.Count == 0) inDefinition = true;
                open.Push(first);
            }
            else if (first is '}' or ')' or ']')
            {
                if (!open.TryPop(out var begun) || begun != (first == '}' ? '{' : first == ')' ? '(' : '[')) return false;
                if (open.Count > 0 || first != '}') continue;
                (inDefinition, definitions) = (false, definitions + 1);
            }
            else if (open.Count == 0 && !inDefinition)
            {
                if (token is not ("query" or "fragment")) return false;
                inDefinition = true;
            }
        }
        return open.Count == 0 && !inDefinition && definitions > 0;
    }

    // A token that can't be read comes out empty.
    private static bool NextToken(ref ReadOnlySpan<char> text, out ReadOnlySpan<char> token)
    {
        token = [];
        text = SkipIgnored(text);
        if (text.IsEmpty) return false;
        var length = LengthOf(text);
        token = text[..length];
        text = text[length..];
        return true;
    }

    // White space, commas, the byte order mark and comments (GraphQL specification, section 2.1).
    private static ReadOnlySpan<char> SkipIgnored(ReadOnlySpan<char> text)
    {
        while (true)
        {
            text = text.TrimStart(" \t\r\n,\uFEFF");
            if (!text.StartsWith('#')) return text;
            var end = text.IndexOfAny('\r', '\n');
            text = end < 0 ? [] : text[end..];
        }
    }

    private static int LengthOf(ReadOnlySpan<char> text)
    {
        var first = text[0];
        if (text.StartsWith("\"\"\"")) return BlockString(text);
        if (first == '"') return QuotedString(text);
        if (text.StartsWith("...")) return 3;
        if ("!$&()=:@[]{|}".Contains(first, StringComparison.Ordinal)) return 1;
        if (!char.IsAsciiLetterOrDigit(first) && first is not ('_' or '-')) return 0;
        var end = text[1..].IndexOfAnyExcept(WordCharacters);
        return end < 0 ? text.Length : end + 1;
    }

    // Names, and numbers with their sign, point and exponent.
    private static readonly System.Buffers.SearchValues<char> WordCharacters = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-");

    private static int QuotedString(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] is '\r' or '\n') return 0;
            else if (text[i] == '"') return i + 1;
        }
        return 0;
    }

    private static int BlockString(ReadOnlySpan<char> text)
    {
        for (var i = 3; i < text.Length; i++)
        {
            if (text[i..].StartsWith("\\\"\"\"")) i += 3;
            else if (text[i..].StartsWith("\"\"\"")) return i + 3;
        }
        return 0;
    }
}
