using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Hokusai.SystemTests.Gateway.Discovery;

/// <summary>A dnsmasq of the test's own, on a free port of loopback, whose records the test changes while it runs.</summary>
internal sealed class DnsmasqServer : IAsyncDisposable
{
    // The shell passes on the signals that it reads, and ends the server when its input closes: also when this process is killed and can't do so itself.
    private const string Keeper = """
        exec 3<&0
        "$@" 3<&- &
        server=$!
        { while read -r signal <&3; do kill -s "$signal" $server; done; kill $server; } 2>/dev/null &
        reader=$!
        exec 3<&-
        wait $server
        code=$?
        kill $reader 2>/dev/null
        exit $code
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private readonly ConcurrentQueue<string> _output = new();
    private readonly string _folder;
    private Process? _process;

    private DnsmasqServer(string folder) => _folder = folder;

    public int Port { get; private set; }

    private string Hosts => Path.Combine(_folder, "hosts");

    /// <summary>Starts the server. Tests that need it fail where it is not installed, they are not skipped.</summary>
    public static async Task<DnsmasqServer> StartAsync(string name, params string[] addresses)
    {
        var server = new DnsmasqServer(Directory.CreateTempSubdirectory("hokusai-dnsmasq-").FullName);
        try
        {
            await File.WriteAllTextAsync(server.Hosts, Lines(name, addresses));
            await server.RunAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Replaces a name's records, as a deployment does, and lets the server read them.</summary>
    public async Task SetAsync(string name, params string[] addresses)
    {
        // Renamed into place: the server must never read half a file.
        await File.WriteAllTextAsync(Hosts + ".new", Lines(name, addresses));
        File.Move(Hosts + ".new", Hosts, overwrite: true);
        await (_process ?? throw new InvalidOperationException("dnsmasq is stopped")).StandardInput.WriteLineAsync("HUP");
    }

    /// <summary>Ends the server, as an outage of DNS does.</summary>
    public async Task StopAsync()
    {
        if (_process is not { } process) return;
        _process = null;
        using (process)
        {
            process.StandardInput.Close();
            using var limit = new CancellationTokenSource(Deadline);
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Starts the server again on its old port. Somebody may have that for a moment, such as a question to another server.</summary>
    public async Task StartAgainAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await LaunchAsync(Port);
                return;
            }
            catch (InvalidOperationException) when (TimeProvider.System.GetElapsedTime(began) < Deadline)
            {
                await StopAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Lines(string name, IEnumerable<string> addresses) => string.Concat(addresses.Select(address => $"{address} {name}\n"));

    // The port is free when it is chosen; should somebody be faster, another one is.
    private async Task RunAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            using (var probe = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0))) Port = ((IPEndPoint)probe.Client.LocalEndPoint!).Port;
            try
            {
                await LaunchAsync(Port);
                return;
            }
            catch (InvalidOperationException) when (attempt < 5)
            {
                await StopAsync();
            }
        }
    }

    private async Task LaunchAsync(int port)
    {
        var program = ((string[])["/usr/sbin/dnsmasq", "/usr/local/sbin/dnsmasq", "/opt/homebrew/sbin/dnsmasq"]).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException("dnsmasq is not on this machine; build/prerequisites installs it");
        var empty = Path.Combine(_folder, "empty.conf");
        await File.WriteAllTextAsync(empty, "");
        string[] words =
        [
            "--no-daemon", $"--conf-file={empty}", "--no-resolv", "--no-hosts", $"--addn-hosts={Hosts}", "--local-ttl=1", "--neg-ttl=1", "--local=/test/",
            "--bind-interfaces", "--listen-address=127.0.0.1", $"--port={port}", $"--user={Environment.UserName}", "--pid-file=", "--cache-size=0",
        ];
        var process = new Process { StartInfo = new ProcessStartInfo("/bin/sh", ["-c", Keeper, "dnsmasq", program, .. words]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true } };
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null) return;
            _output.Enqueue(line.Data);
            if (line.Data.Contains("read ", StringComparison.Ordinal) && line.Data.Contains(Hosts, StringComparison.Ordinal)) ready.TrySetResult();
        };
        process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        process.Start();
        process.StandardInput.AutoFlush = true;
        _process = process;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        await Task.WhenAny(ready.Task, process.WaitForExitAsync()).WaitAsync(Deadline);
        if (!ready.Task.IsCompleted) throw new InvalidOperationException($"dnsmasq ended: {string.Join('\n', _output)}");
    }
}
