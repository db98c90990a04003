using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Hokusai.SystemTests.Fixtures;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace Hokusai.SystemTests.Fixtures;

/// <summary>
/// A PostgreSQL server for the tests of this assembly alone: in a temporary folder, on loopback, started when the first
/// test asks for a database, stopped and deleted after the last.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const int MostStarts = 3;
    private const string GuardedUsers = "guarded";

    // The shell ends the server when its standard input closes: also when this process is killed and can't do so itself.
    private const string Watch = """
        exec 3<&0 >"$1" 2>&1; shift
        "$@" 3<&- </dev/null & server=$!
        { read -r line <&3; kill -INT $server; } & exec 3<&-
        wait $server
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Lazy<Task> _started;
    private readonly Lazy<Task> _guarded;
    private DirectoryInfo? _folder;
    private Process? _process;
    private int _port;
    private int _databases;

    public PostgresServer()
    {
        _started = new Lazy<Task>(StartAsync);
        _guarded = new Lazy<Task>(() => ExecuteAsync($"CREATE ROLE {GuardedUsers}"));
    }

    private string LogFile => Path.Combine(_folder!.FullName, "server.log");

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its location, as <c>--backend-store-uri</c> takes it.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        await _started.Value;
        var name = "test_" + Interlocked.Increment(ref _databases).ToString(CultureInfo.InvariantCulture);
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE template0");
        return $"postgresql://postgres@127.0.0.1:{_port}/{name}";
    }

    /// <summary>Makes an empty database for a user of its own, who must give a password; those of the others are let in without.</summary>
    /// <returns>Its location without the password, and the password.</returns>
    public async Task<(string Location, string Password)> CreateGuardedDatabaseAsync()
    {
        var open = new Uri(await CreateDatabaseAsync());
        await _guarded.Value;
        var (name, password) = (open.AbsolutePath[1..], Guid.NewGuid().ToString("N"));
        await ExecuteAsync($"CREATE ROLE {GuardedUsers}_{name} LOGIN PASSWORD '{password}' IN ROLE {GuardedUsers}");
        await ExecuteAsync($"ALTER DATABASE {name} OWNER TO {GuardedUsers}_{name}");
        return ($"postgresql://{GuardedUsers}_{name}@127.0.0.1:{_port}{open.AbsolutePath}", password);
    }

    /// <summary>Changes the password of a guarded database's user and ends the connections that there are, as rotation and time do.</summary>
    public async Task RotatePasswordAsync(string location)
    {
        var user = new Uri(location).UserInfo;
        await ExecuteAsync($"ALTER ROLE {user} PASSWORD '{Guid.NewGuid():N}'");
        await ExecuteAsync($"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '{user}'");
    }

    /// <summary>Has a guarded database let nobody in, as a server does that has just started, and lets them in again.</summary>
    public Task LetInAsync(string location, bool anybody) => ExecuteAsync($"ALTER DATABASE {new Uri(location).AbsolutePath[1..]} CONNECTION LIMIT {(anybody ? -1 : 0)}");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder?.Delete(recursive: true);
    }

    private async Task StartAsync()
    {
        var programs = PostgresPrograms.Folder;
        _folder = Directory.CreateTempSubdirectory("hokusai-postgres-");
        await PostgresPrograms.HandOverAsync(_folder.FullName);
        var data = Path.Combine(_folder.FullName, "data");
        await PostgresPrograms.RunAsync(PostgresPrograms.Command(Path.Combine(programs, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"));
        // The first line that fits counts.
        var rules = Path.Combine(data, "pg_hba.conf");
        await File.WriteAllTextAsync(rules, $"host all +{GuardedUsers} 127.0.0.1/32 scram-sha-256\n" + await File.ReadAllTextAsync(rules));
        // PostgreSQL can't be told to take any free port, so another program may be faster; then with another port.
        for (var start = 1; !await TryStartAsync(Path.Combine(programs, "postgres"), data); start++)
        {
            if (start == MostStarts) throw new InvalidOperationException($"PostgreSQL did not start: {await File.ReadAllTextAsync(LogFile)}");
            await StopAsync();
        }
    }

    private async Task ExecuteAsync(string statement)
    {
        await using var connection = await ConnectAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private async Task<bool> TryStartAsync(string server, string data)
    {
        _port = FreePort();
        string[] settings =
        [
            "listen_addresses=127.0.0.1", $"port={_port}", "unix_socket_directories=", "max_connections=300", "shared_buffers=32MB",
            "fsync=off", "synchronous_commit=off", "full_page_writes=off",
        ];
        var command = PostgresPrograms.Command([server, "-D", data, .. settings.SelectMany(setting => (string[])["-c", setting])]);
        _process = Process.Start(new ProcessStartInfo("sh", ["-c", Watch, "sh", LogFile, .. command]) { RedirectStandardInput = true, WorkingDirectory = "/" });
        using var deadline = new CancellationTokenSource(Deadline);
        while (!_process!.HasExited)
        {
            try
            {
                await using var connection = await ConnectAsync(deadline.Token);
                await using var query = new NpgsqlCommand("SELECT current_setting('data_directory')", connection);
                // Another server on that port is not ours; ours is about to end then.
                if (await query.ExecuteScalarAsync(deadline.Token) is string folder && folder == data) return true;
            }
            catch (NpgsqlException)
            {
                // Not yet. The deadline ends this loop if it never comes.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
        }
        return false;
    }

    private async Task StopAsync()
    {
        if (_process is null) return;
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
        _process = null;
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres;Pooling=false;Timeout=20");
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
