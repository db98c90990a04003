using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Web;
using Npgsql;

namespace Hokusai.Storage;

/// <summary>PostgreSQL: several lanes write side by side, each unit of work in a transaction of its own; a unit that meets another is run again.</summary>
internal sealed class PostgresDatabase : Database
{
    private const int Writers = 8;
    private const int MostTries = 5;

    private static readonly PostgresDialect Dialect = new();

    private readonly DatabaseLocation _location;
    private readonly NpgsqlDataSource _source;
    private readonly Lock _again = new();

    public PostgresDatabase(DatabaseLocation location)
    {
        _location = location;
        _source = NpgsqlDataSource.Create(ConnectionString(location.Address!));
    }

    public override string Display => _location.Display;

    public override DatabaseEngine Engine => DatabaseEngine.Postgres;

    private protected override void Prepare(Schema schema)
    {
        using var connection = _source.OpenConnection();
        var session = new Session(connection, Dialect);
        if (session.Number("SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'alembic_version'") > 0)
            throw new StorageException($"{Display} holds the tables of mlflow server, which Hokusai does not read; give an empty database", transient: false);
        using var transaction = connection.BeginTransaction();
        session.Transaction = transaction;
        // Several processes may start at once; the first migrates, the others wait and find it done.
        session.Execute("SELECT pg_advisory_xact_lock(727274561)");
        Migrations.Apply(session, schema);
        transaction.Commit();
        session.ForgetPrepared();
    }

    private protected override void Start(int readers)
    {
        for (var i = 0; i < Writers; i++) AddWriter($"postgres-writer-{i}", queue => Serve(queue, System.Data.IsolationLevel.ReadCommitted));
        for (var i = 0; i < readers; i++) AddReader($"postgres-reader-{i}", queue => Serve(queue, System.Data.IsolationLevel.RepeatableRead));
    }

    // Not there yet, in the middle of a failover, or full. The driver counts neither a refused password nor a certificate that does not fit among these.
    private protected override bool IsAway(Exception error) => error is NpgsqlException { IsTransient: true } or SocketException or TimeoutException;

    protected override void Close() => _source.Dispose();

    private static string ConnectionString(Uri address)
    {
        var credentials = address.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = address.Host,
            Port = address.Port > 0 ? address.Port : 5432,
            Database = Uri.UnescapeDataString(address.AbsolutePath[1..]),
            Username = Uri.UnescapeDataString(credentials[0]),
            Password = credentials.Length > 1 ? Uri.UnescapeDataString(credentials[1]) : null,
            Timeout = 5,
            CommandTimeout = 30,
            MaxPoolSize = 100,
            MaxAutoPrepare = 256,
            AutoPrepareMinUsages = 2,
            ApplicationName = "hokusai",
            // A location has a password and no Kerberos realm. The driver would try it first, and complain where the system has no library for it, as in containers.
            GssEncryptionMode = GssEncryptionMode.Disable,
            IncludeErrorDetail = false,
        };
        var query = HttpUtility.ParseQueryString(address.Query);
        if (query["sslmode"] is { } mode)
        {
            builder.SslMode = Enum.TryParse<SslMode>(mode.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var known) ? known
                : throw new StorageException($"sslmode={mode} is not known; write disable, allow, prefer, require, verify-ca or verify-full", transient: false);
        }
        if (query["sslrootcert"] is { } certificate) builder.RootCertificate = certificate;
        // A Unix socket's folder can't stand in the host part of an address; libpq's own way is this parameter.
        if (query["host"] is { } host) builder.Host = host;
        return builder.ToString();
    }

    private void Serve(BlockingCollection<Work> queue, System.Data.IsolationLevel isolation)
    {
        foreach (var work in queue.GetConsumingEnumerable())
        {
            if (work.IsAbandoned) work.Fail(new OperationCanceledException());
            else RunWithRetries(work, isolation);
        }
    }

    private void RunWithRetries(Work work, System.Data.IsolationLevel isolation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (attempt == 1) Run(work, isolation);
                else RunAgain(work, isolation);
            }
            catch (PostgresException e) when (IsCollision(e) && attempt < MostTries)
            {
                continue;
            }
            catch (Exception e)
            {
                work.Fail(Translate(e));
                return;
            }
            work.Succeed();
            return;
        }
    }

    // One at a time: units that were in each other's way once would be so again, and run out of tries together.
    private void RunAgain(Work work, System.Data.IsolationLevel isolation)
    {
        lock (_again) Run(work, isolation);
    }

    private void Run(Work work, System.Data.IsolationLevel isolation)
    {
        // From the pool each time: a connection that died while idle is replaced there.
        using var connection = _source.OpenConnection();
        using var transaction = connection.BeginTransaction(isolation);
        var session = new Session(connection, Dialect) { Transaction = transaction };
        work.Run(session);
        transaction.Commit();
        session.ForgetPrepared();
    }

    // A unique violation here means that two wrote the same thing at once: the second run sees the first's row.
    private static bool IsCollision(PostgresException error) =>
        error.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation;

    private Exception Translate(Exception error) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow } e =>
            new StorageException($"the database {Display} refuses work: {e.MessageText}", transient: true, e),
        PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected } e =>
            new StorageException($"others wrote the same in the database {Display} {MostTries} times in a row: {e.MessageText}", transient: true, e),
        // While it runs, a password that was right is wrong once it was rotated, until this process is replaced: others have the new one.
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword } e =>
            new StorageException($"the database {Display} refuses the password, which was rotated if it was right before (start anew with the new one): {e.MessageText}", transient: true, e),
        PostgresException e => new StorageException($"the database {Display} answered {e.SqlState}: {e.MessageText}", transient: false, e),
        NpgsqlException or SocketException or TimeoutException => new StorageException($"the database {Display} can't be reached: {error.Message}", transient: true, error),
        _ => error,
    };
}
