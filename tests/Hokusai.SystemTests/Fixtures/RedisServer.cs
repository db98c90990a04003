using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>
/// A Redis server of one test alone: on loopback, in memory, which the test may kill and start again. It keeps its port and nothing else.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const int MostStarts = 3;

    // The shell ends the server when its standard input closes: also when this process is killed and can't do so itself.
    private const string Watch = """
        exec 3<&0 >/dev/null 2>&1
        "$@" 3<&- </dev/null & server=$!
        { read -r line <&3; kill -KILL $server; } & exec 3<&-
        wait $server
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokusai-redis-");
    private Process? _process;
    // Bound and never listened on: while the server is away, nobody else gets its port. Both may be bound, as both allow the address' reuse.
    private Socket? _place;
    private int _port;

    /// <summary>As StackExchange.Redis reads it.</summary>
    public string Configuration => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    /// <summary>Starts a server on a port of its own.</summary>
    public static async Task<RedisServer> StartNewAsync()
    {
        var server = new RedisServer();
        for (var start = 1; ; start++)
        {
            server.TakePort();
            if (await server.TryStartAsync()) return server;
            await server.KillAsync();
            // Whatever kept it from starting there; then at another port.
            if (start == MostStarts) throw new InvalidOperationException("redis-server did not start; build/prerequisites installs it");
        }
    }

    /// <summary>Starts it again, empty, where it was.</summary>
    public async Task StartAgainAsync()
    {
        if (!await TryStartAsync()) throw new InvalidOperationException("redis-server did not start again");
    }

    /// <summary>Ends it at once, as a crash does.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Deadline);
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _place?.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<bool> TryStartAsync()
    {
        string[] command = ["redis-server", "--bind", "127.0.0.1", "--port", _port.ToString(CultureInfo.InvariantCulture), "--save", "", "--appendonly", "no", "--dir", _folder.FullName];
        _process = Process.Start(new ProcessStartInfo("sh", ["-c", Watch, "sh", .. command]) { RedirectStandardInput = true, WorkingDirectory = "/" });
        using var deadline = new CancellationTokenSource(Deadline);
        while (!_process!.HasExited)
        {
            try
            {
                await using var connection = await ConnectionMultiplexer.ConnectAsync(Configuration + ",connectTimeout=500,allowAdmin=true");
                // Another server on that port is not ours; ours is about to end then.
                var folder = await connection.GetServers()[0].ConfigGetAsync("dir");
                if (folder[0].Value == _folder.FullName) return true;
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                // Not yet. The deadline ends this loop if it never comes.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
        }
        return false;
    }

    private void TakePort()
    {
        _place?.Dispose();
        _place = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _place.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _place.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _port = ((IPEndPoint)_place.LocalEndPoint!).Port;
    }
}
