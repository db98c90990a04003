using System.Buffers;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Search;

/// <summary>One clause of an order: an identifier and a direction.</summary>
internal sealed record OrderClause(string? Entity, string Key, bool Ascending)
{
    private static readonly SearchValues<char> Spaces = SearchValues.Create(" \t\r\n");

    public string Direction => Ascending ? "ASC" : "DESC";

    public static OrderClause Parse(string clause)
    {
        var text = clause.Trim();
        var end = text.AsSpan().LastIndexOfAny(Spaces);
        var direction = end < 0 ? [] : text.AsSpan(end + 1);
        var descending = direction.Equals("desc", StringComparison.OrdinalIgnoreCase);
        if (!descending && !direction.Equals("asc", StringComparison.OrdinalIgnoreCase)) return Build(clause, text, ascending: true);
        return Build(clause, text[..end].TrimEnd(), !descending);
    }

    private static OrderClause Build(string clause, string identifier, bool ascending)
    {
        // A space may stand in a quoted key only: "metrics.acc UP" is a mistake, metrics.`spacey name` is not.
        if (identifier.Length == 0 || (identifier.AsSpan().ContainsAny(Spaces) && identifier[^1] is not ('"' or '`') && !IsSpacedAttribute(identifier)))
            throw ApiException.Invalid($"Invalid order_by clause '{clause}'. Could not be parsed.");
        var (entity, key) = FilterParser.SplitIdentifier(identifier);
        return new OrderClause(entity, key, ascending);
    }

    private static bool IsSpacedAttribute(string identifier) => identifier.EndsWith("run name", StringComparison.OrdinalIgnoreCase);
}
