using System.Globalization;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Search;

/// <summary>
/// Reads a filter: comparisons joined by AND. There is no OR, no NOT, no parentheses besides a list's.
/// What the identifiers mean is decided by the search that asked.
/// </summary>
internal ref struct FilterParser
{
    // Words of SQL that are no names, so no text that somebody forgot to quote.
    private static readonly HashSet<string> Keywords = new(StringComparer.OrdinalIgnoreCase) { "true", "false", "null" };

    private readonly string _filter;
    private int _at;

    private FilterParser(string filter) => _filter = filter;

    private readonly bool AtEnd => _at >= _filter.Length;

    private readonly char Current => _filter[_at];

    /// <summary>Reads a filter; null or blank means no condition.</summary>
    public static List<Comparison> Parse(string? filter)
    {
        var comparisons = new List<Comparison>();
        if (string.IsNullOrWhiteSpace(filter)) return comparisons;
        var parser = new FilterParser(filter);
        parser.SkipSpace();
        while (true)
        {
            comparisons.Add(parser.ReadComparison());
            parser.SkipSpace();
            if (parser.AtEnd) return comparisons;
            if (parser.Current == ';') throw ApiException.Invalid($"Search filter contained multiple expression '{filter}'. Provide AND-ed expression list.");
            if (!parser.TryWord("AND")) throw parser.Fault();
            parser.SkipSpace();
        }
    }

    /// <summary>Splits an identifier into entity and key: the first dot separates, quotes and backticks around either are taken off.</summary>
    public static (string? Entity, string Key) SplitIdentifier(string identifier)
    {
        var dot = identifier.StartsWith('`') ? identifier.IndexOf('`', 1) + 1 : identifier.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0 || dot >= identifier.Length || identifier[dot] != '.') return (null, Unquote(identifier));
        return (Unquote(identifier[..dot]), Unquote(identifier[(dot + 1)..]));
    }

    private static string Unquote(string text) =>
        text.Length >= 2 && text[0] is '"' or '`' && text[^1] == text[0] ? text[1..^1] : text;

    private Comparison ReadComparison()
    {
        var (entity, key) = SplitIdentifier(ReadIdentifier());
        SkipSpace();
        var comparator = ReadComparator();
        SkipSpace();
        return new Comparison(entity, key, comparator, ReadValue());
    }

    private string ReadIdentifier()
    {
        if (AtEnd) throw Fault();
        if (Current is '\'' or '"' || char.IsAsciiDigit(Current)) throw ApiException.Invalid($"Expected 'Identifier' found '{_filter[_at..]}' in the filter '{_filter}': write the name on the left, the value on the right");
        var start = _at;
        while (!AtEnd && !char.IsWhiteSpace(Current) && !IsSymbol(Current) && Current is not (';' or ',' or '(' or ')' or '\''))
        {
            if (Current is '`' or '"') SkipQuoted();
            else _at++;
        }
        return _at > start ? _filter[start.._at] : throw Fault();
    }

    private Comparator ReadComparator()
    {
        if (TryWord("LIKE")) return Comparator.Like;
        if (TryWord("ILIKE")) return Comparator.ILike;
        if (TryWord("IN")) return Comparator.In;
        if (TryWord("NOT"))
        {
            SkipSpace();
            return TryWord("IN") ? Comparator.NotIn : throw Fault();
        }
        var start = _at;
        while (!AtEnd && IsSymbol(Current)) _at++;
        return _filter[start.._at] switch
        {
            "=" => Comparator.Equal,
            "!=" => Comparator.NotEqual,
            "<" => Comparator.Less,
            "<=" => Comparator.LessOrEqual,
            ">" => Comparator.Greater,
            ">=" => Comparator.GreaterOrEqual,
            "~" => throw ApiException.Invalid($"Invalid comparator '~' in the filter '{_filter}'"),
            _ => throw Fault(),
        };
    }

    private FilterValue ReadValue()
    {
        if (AtEnd) throw Fault();
        if (Current is '\'' or '"') return new FilterValue(ValueKind.Quoted, ReadQuoted());
        if (Current == '(') return ReadList();
        var start = _at;
        if (Current == '`')
        {
            SkipQuoted();
            return new FilterValue(ValueKind.Bare, _filter[start.._at]);
        }
        while (!AtEnd && !char.IsWhiteSpace(Current) && !IsSymbol(Current) && Current is not (';' or ',' or '(' or ')' or '\'' or '"' or '`')) _at++;
        var text = _filter[start.._at];
        if (text.Length == 0 || Keywords.Contains(text)) throw Fault();
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? new FilterValue(ValueKind.Number, text, number)
            : new FilterValue(ValueKind.Bare, text);
    }

    private FilterValue ReadList()
    {
        var texts = new List<string>();
        do
        {
            _at++;
            SkipSpace();
            if (AtEnd || Current is not ('\'' or '"'))
                throw ApiException.Invalid($"While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list: '{_filter[_at..]}'");
            texts.Add(ReadQuoted());
            SkipSpace();
        }
        while (!AtEnd && Current == ',');
        if (AtEnd || Current != ')') throw Fault();
        _at++;
        return new FilterValue(ValueKind.List, "", Texts: texts);
    }

    private string ReadQuoted()
    {
        var start = _at;
        SkipQuoted();
        return _filter[(start + 1)..(_at - 1)];
    }

    private void SkipQuoted()
    {
        var end = _filter.IndexOf(Current, _at + 1);
        if (end < 0) throw Fault();
        _at = end + 1;
    }

    private bool TryWord(string word)
    {
        var end = _at + word.Length;
        if (end > _filter.Length || !_filter.AsSpan(_at, word.Length).Equals(word, StringComparison.OrdinalIgnoreCase)) return false;
        if (end < _filter.Length && (char.IsLetterOrDigit(_filter[end]) || _filter[end] == '_')) return false;
        _at = end;
        return true;
    }

    private void SkipSpace()
    {
        while (!AtEnd && char.IsWhiteSpace(Current)) _at++;
    }

    private static bool IsSymbol(char c) => c is '=' or '!' or '<' or '>' or '~';

    private readonly ApiException Fault() =>
        ApiException.Invalid($"Invalid clause(s) in filter string: '{(AtEnd ? "" : _filter[_at..])}' in '{_filter}'. A filter is a list of comparisons joined by AND, such as metrics.acc > 0.9 AND params.lr = '0.1'");
}
