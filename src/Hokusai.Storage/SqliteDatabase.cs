using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Hokusai.Storage;

/// <summary>
/// SQLite in WAL mode: one lane writes, the others read. The writer commits in groups: whatever waits when a transaction
/// begins shares its one flush to disk, each unit of work within a savepoint of its own, so that one that fails takes no other with it.
/// </summary>
internal sealed class SqliteDatabase(DatabaseLocation location) : Database
{
    private const int LargestGroup = 256;
    private const int BusyTimeoutMilliseconds = 5000;

    private static readonly SqliteDialect Dialect = new();

    public override string Display => location.Display;

    public override DatabaseEngine Engine => DatabaseEngine.Sqlite;

    private protected override void Prepare(Schema schema)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(location.Path!)!);
        using var connection = OpenConnection();
        Run(connection, "PRAGMA journal_mode = WAL");
        var session = new Session(connection, Dialect);
        if (session.Number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'") > 0)
            throw new StorageException($"{location.Display} was written by mlflow server, whose tables Hokusai does not read; give another file", transient: false);
        using var transaction = connection.BeginTransaction(deferred: false);
        session.Transaction = transaction;
        Migrations.Apply(session, schema);
        transaction.Commit();
        session.ForgetPrepared();
    }

    // Connections are opened here and handed to the lanes: one that can't be opened must fail Open, not a thread of its own, which would end the process.
    private protected override void Start(int readers)
    {
        var writer = OpenConnection();
        AddWriter("sqlite-writer", queue => ServeWrites(writer, queue));
        for (var i = 0; i < readers; i++)
        {
            var reader = OpenConnection();
            AddReader($"sqlite-reader-{i}", queue => ServeReads(reader, queue));
        }
    }

    // Pooled connections would keep the file open after Dispose.
    private SqliteConnection OpenConnection()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = location.Path, Pooling = false, DefaultTimeout = BusyTimeoutMilliseconds / 1000 }.ToString());
        try
        {
            connection.Open();
            // FULL: a commit is on disk before it is answered. LIKE tells upper from lower case, as on PostgreSQL.
            Run(connection, $"PRAGMA synchronous = FULL; PRAGMA case_sensitive_like = ON; PRAGMA busy_timeout = {BusyTimeoutMilliseconds}; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static void ServeReads(SqliteConnection opened, BlockingCollection<Work> queue)
    {
        using var connection = opened;
        var session = new Session(connection, Dialect);
        foreach (var work in queue.GetConsumingEnumerable())
        {
            if (work.IsAbandoned) work.Fail(new OperationCanceledException());
            else Read(connection, session, work);
        }
        session.ForgetPrepared();
    }

    private static void Read(SqliteConnection connection, Session session, Work work)
    {
        try
        {
            // A transaction, so that all queries of one unit of work see the same state.
            using (var transaction = connection.BeginTransaction(deferred: true))
            {
                session.Transaction = transaction;
                work.Run(session);
            }
            work.Succeed();
        }
        catch (Exception e)
        {
            work.Fail(Translate(e));
        }
    }

    private static void ServeWrites(SqliteConnection opened, BlockingCollection<Work> queue)
    {
        using var connection = opened;
        var session = new Session(connection, Dialect);
        var group = new List<Work>(LargestGroup);
        foreach (var first in queue.GetConsumingEnumerable())
        {
            group.Clear();
            group.Add(first);
            try
            {
                WriteTogether(connection, session, queue, group);
            }
            catch (Exception)
            {
                // Nothing of the group was kept: a full disk, for one, makes SQLite give up the whole transaction, savepoints
                // and all. One by one, the unit that was to blame takes no other with it.
                foreach (var work in group) WriteAlone(connection, session, work);
                continue;
            }
            foreach (var work in group) work.Succeed();
        }
        session.ForgetPrepared();
    }

    // Those that fail on their own are answered and leave the group; whoever is still in it is not answered yet.
    private static void WriteTogether(SqliteConnection connection, Session session, BlockingCollection<Work> queue, List<Work> group)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        session.Transaction = transaction;
        while (true)
        {
            if (!RunInSavepoint(session, group[^1])) group.RemoveAt(group.Count - 1);
            if (group.Count >= LargestGroup || !queue.TryTake(out var next)) break;
            group.Add(next);
        }
        transaction.Commit();
    }

    private static void WriteAlone(SqliteConnection connection, Session session, Work work)
    {
        try
        {
            using (var transaction = connection.BeginTransaction(deferred: false))
            {
                session.Transaction = transaction;
                work.Run(session);
                transaction.Commit();
            }
            work.Succeed();
        }
        catch (Exception e)
        {
            work.Fail(Translate(e));
        }
    }

    private static bool RunInSavepoint(Session session, Work work)
    {
        if (work.IsAbandoned)
        {
            work.Fail(new OperationCanceledException());
            return false;
        }
        session.Execute("SAVEPOINT unit");
        try
        {
            work.Run(session);
            session.Execute("RELEASE unit");
            return true;
        }
        catch (Exception e)
        {
            session.Execute("ROLLBACK TO unit");
            session.Execute("RELEASE unit");
            work.Fail(Translate(e));
            return false;
        }
    }

    // A file that can't be opened is somebody's to mend.
    private protected override bool IsAway(Exception error) => false;

    private static Exception Translate(Exception error) => error switch
    {
        SqliteException { SqliteErrorCode: 5 or 6 } e => new StorageException("another program holds the database's lock", transient: true, e),
        SqliteException { SqliteErrorCode: 13 } e => new StorageException("the disk that holds the database is full", transient: true, e),
        SqliteException { SqliteErrorCode: 10 or 14 } e => new StorageException($"the database's file can't be read or written: {e.Message}", transient: true, e),
        SqliteException { SqliteErrorCode: 8 } e => new StorageException("the database's file is read-only", transient: false, e),
        SqliteException { SqliteErrorCode: 11 or 26 } e => new StorageException("the database's file is damaged or no SQLite database", transient: false, e),
        _ => error,
    };
}
