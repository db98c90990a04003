using System.Data.Common;
using System.Globalization;
using System.Text;
using Hokusai.Storage;

namespace Hokusai.Tracking.Search;

/// <summary>A query in the making: conditions joined by AND, and the values of its parameters. Texts from clients are values, never SQL.</summary>
internal sealed class SqlQuery
{
    private readonly List<object?> _values = [];
    private readonly List<string> _conditions = [];

    /// <summary>Takes a value and gives the parameter that stands for it.</summary>
    public string Value(object? value)
    {
        _values.Add(value);
        return "$" + _values.Count.ToString(CultureInfo.InvariantCulture);
    }

    public void Where(string condition) => _conditions.Add(condition);

    /// <summary>Runs the query for a part of its rows.</summary>
    public List<T> Run<T>(Session session, string select, string order, long limit, long offset, Func<DbDataReader, T> map)
    {
        var sql = new StringBuilder(select);
        for (var i = 0; i < _conditions.Count; i++) sql.Append(i == 0 ? " WHERE " : " AND ").Append('(').Append(_conditions[i]).Append(')');
        sql.Append(" ORDER BY ").Append(order).Append(" LIMIT ").Append(Value(limit)).Append(" OFFSET ").Append(Value(offset));
        return session.Query(sql.ToString(), map, _values.ToArray());
    }

    /// <summary>The condition of a comparison between a column and a text.</summary>
    public string Compare(string column, Comparator comparator, FilterValue value) => comparator switch
    {
        Comparator.Like => $"{column} LIKE {Value(value.Text)}{NoEscape}",
        // Without regard to case for ASCII, the same on both engines.
        Comparator.ILike => $"lower({column}) LIKE lower({Value(value.Text)}){NoEscape}",
        Comparator.In => $"{column} IN ({List(value.Texts!)})",
        Comparator.NotIn => $"{column} NOT IN ({List(value.Texts!)})",
        _ => $"{column} {Symbol(comparator)} {Value(value.Kind == ValueKind.Number ? value.Number : value.Text)}",
    };

    // A backslash is a character like any other in MLflow's patterns.
    private const string NoEscape = " {NO ESCAPE}";

    private static string Symbol(Comparator comparator) => comparator switch
    {
        Comparator.Equal => "=",
        Comparator.NotEqual => "<>",
        Comparator.Less => "<",
        Comparator.LessOrEqual => "<=",
        Comparator.Greater => ">",
        Comparator.GreaterOrEqual => ">=",
        _ => throw new ArgumentOutOfRangeException(nameof(comparator), comparator, null),
    };

    private string List(IEnumerable<string> texts) => string.Join(", ", texts.Select(Value));
}
