using System.Collections.Concurrent;
using System.Data.Common;

namespace Hokusai.Storage;

/// <summary>
/// A database that is reached through lanes: threads with a connection each, fed by a bounded queue. A write is answered
/// only after its transaction was committed and, with it, is on disk.
/// </summary>
public abstract class Database : IDisposable
{
    /// <summary>How many units of work may wait before new ones are refused: some seconds of work, so that memory has a bound.</summary>
    internal const int QueueLength = 8192;

    private readonly BlockingCollection<Work> _reads = new(QueueLength);
    private readonly BlockingCollection<Work> _writes = new(QueueLength);
    private readonly List<Lane> _lanes = [];
    private bool _disposed;

    /// <summary>Where the database is, without credentials.</summary>
    public abstract string Display { get; }

    /// <summary>The engine beneath.</summary>
    public abstract DatabaseEngine Engine { get; }

    /// <summary>Opens a database, brings its schema up to date and starts its lanes.</summary>
    /// <param name="location">Where it is.</param>
    /// <param name="schema">The tables that the component needs.</param>
    /// <param name="readers">How many reads run side by side: 1 to 64.</param>
    /// <exception cref="StorageException">It can't be opened, or another program's tables are in it; transient where its server is away.</exception>
    public static Database Open(DatabaseLocation location, Schema schema, int readers = 4) => OpenWith(location, schema, readers);

    /// <summary>Opens a database as it is: makes no file, no table and no change of the schema.</summary>
    /// <param name="location">Where it is.</param>
    /// <param name="readers">How many reads run side by side: 1 to 64.</param>
    /// <exception cref="StorageException">It is not there or can't be opened.</exception>
    public static Database OpenExisting(DatabaseLocation location, int readers = 4) => OpenWith(location, null, readers);

    private static Database OpenWith(DatabaseLocation location, Schema? schema, int readers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(readers);
        if (schema is null && location.Engine == DatabaseEngine.Sqlite && !File.Exists(location.Path)) throw new StorageException($"can't open the database {location.Display}: there is no such file", transient: false);
        Database database = location.Engine == DatabaseEngine.Sqlite ? new SqliteDatabase(location) : new PostgresDatabase(location);
        try
        {
            if (schema is not null) database.Prepare(schema);
            database.Start(readers);
            return database;
        }
        catch (Exception e)
        {
            database.Dispose();
            if (e is DbException or IOException or UnauthorizedAccessException or TimeoutException or System.Net.Sockets.SocketException)
                throw new StorageException($"can't open the database {location.Display}: {e.Message}", transient: database.IsAway(e), e);
            throw;
        }
    }

    /// <summary>Reads within one snapshot.</summary>
    /// <param name="work">What to read.</param>
    /// <param name="cancellation">Given up before it began: it does not begin.</param>
    public Task<T> ReadAsync<T>(Func<Session, T> work, CancellationToken cancellation) => Queue(_reads, work, cancellation);

    /// <summary>Writes all or nothing. The work may run twice if its transaction met another, so it must do nothing but use the session.</summary>
    /// <param name="work">What to write.</param>
    /// <param name="cancellation">Given up before it began: it does not begin.</param>
    public Task<T> WriteAsync<T>(Func<Session, T> work, CancellationToken cancellation) => Queue(_writes, work, cancellation);

    /// <summary>Serves what is queued, stops the lanes and closes the connections.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _reads.CompleteAdding();
        _writes.CompleteAdding();
        foreach (var lane in _lanes) lane.Dispose();
        _reads.Dispose();
        _writes.Dispose();
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what the engine holds besides the lanes' connections.</summary>
    protected virtual void Close()
    {
    }

    private protected abstract void Prepare(Schema schema);

    private protected abstract void Start(int readers);

    // Whether what kept the database from opening may be over a little later.
    private protected abstract bool IsAway(Exception error);

    private protected void AddReader(string name, Action<BlockingCollection<Work>> serve) => _lanes.Add(new Lane(name, _reads, serve));

    private protected void AddWriter(string name, Action<BlockingCollection<Work>> serve) => _lanes.Add(new Lane(name, _writes, serve));

    private Task<T> Queue<T>(BlockingCollection<Work> queue, Func<Session, T> body, CancellationToken cancellation)
    {
        var work = new Work<T>(body, cancellation);
        try
        {
            if (queue.TryAdd(work, 0, CancellationToken.None)) return work.Result;
        }
        catch (Exception e) when (e is InvalidOperationException or ObjectDisposedException)
        {
            throw new StorageException("the database is closing", transient: true, e);
        }
        throw new StorageException($"{QueueLength} requests wait for the database {Display} already", transient: true);
    }
}
