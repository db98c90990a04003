using System.Data.Common;

namespace Hokusai.Storage;

/// <summary>
/// One connection inside one transaction, handed to a unit of work. SQL is written once for both engines with
/// parameters <c>$1</c>, <c>$2</c>, …; each text is prepared once a connection and kept.
/// </summary>
public sealed class Session
{
    private readonly Dictionary<string, DbCommand> _prepared = new(StringComparer.Ordinal);
    private readonly DbConnection _connection;
    private readonly Dialect _dialect;

    internal Session(DbConnection connection, Dialect dialect)
    {
        _connection = connection;
        _dialect = dialect;
    }

    internal DbTransaction? Transaction { get; set; }

    /// <summary>The engine beneath, for the rare text that can't be the same on both.</summary>
    public DatabaseEngine Engine => _dialect.Engine;

    /// <summary>Runs a statement.</summary>
    /// <param name="sql">The text.</param>
    /// <param name="values">Values of <c>$1</c>, <c>$2</c>, …: long, double, string or null.</param>
    /// <returns>How many rows it changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteNonQuery();

    /// <summary>Runs a query and reads its rows.</summary>
    /// <param name="sql">The text.</param>
    /// <param name="map">Reads one row.</param>
    /// <param name="values">Values of <c>$1</c>, <c>$2</c>, ….</param>
    public List<T> Query<T>(string sql, Func<DbDataReader, T> map, params ReadOnlySpan<object?> values)
    {
        using var reader = Bind(sql, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(map(reader));
        return rows;
    }

    /// <summary>Runs a query and reads its first row.</summary>
    /// <param name="sql">The text.</param>
    /// <param name="map">Reads the row.</param>
    /// <param name="values">Values of <c>$1</c>, <c>$2</c>, ….</param>
    /// <returns>The row, or the type's default if there is none.</returns>
    public T? First<T>(string sql, Func<DbDataReader, T> map, params ReadOnlySpan<object?> values)
    {
        using var reader = Bind(sql, values).ExecuteReader();
        return reader.Read() ? map(reader) : default;
    }

    /// <summary>Runs a query that gives one number.</summary>
    /// <param name="sql">The text.</param>
    /// <param name="values">Values of <c>$1</c>, <c>$2</c>, ….</param>
    /// <returns>The number, or null if there is no row or it holds null.</returns>
    public long? Number(string sql, params ReadOnlySpan<object?> values) =>
        First(sql, static row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0), values);

    internal void ForgetPrepared()
    {
        foreach (var command in _prepared.Values) command.Dispose();
        _prepared.Clear();
    }

    private DbCommand Bind(string sql, ReadOnlySpan<object?> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = _dialect.Render(sql);
            for (var i = 0; i < values.Length; i++) command.Parameters.Add(_dialect.Parameter(i + 1));
            // A search builds its text from the filter, so texts have no bound; a connection keeps only so many.
            if (_prepared.Count >= 256) ForgetPrepared();
            _prepared.Add(sql, command);
        }
        command.Transaction = Transaction;
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }
}
