using Hokusai.Contracts.Keys;
using Hokusai.Contracts.Routing;
using Hokusai.Edge;
using Hokusai.Gateway;
using Hokusai.Keys;
using Hokusai.Tracking;
using Microsoft.Extensions.Logging;

namespace Hokusai.Serve;

/// <summary>A role that listens: its server and its socket, started and stopped together, whether alone or as part of a stack.</summary>
internal sealed class RunningRole : IAsyncDisposable
{
    // Metadata only; the endpoints for artifacts lift the limit themselves.
    private const long LargestMetadataBody = 16 * 1024 * 1024;

    private readonly RoleHost _host;
    private readonly RoleHost? _admin;
    private readonly RoleSurroundings _around;
    private readonly Action _beginStop;
    private readonly Func<TimeSpan, Task> _endRunning;
    private readonly Func<ValueTask> _close;

    private RunningRole(RoleHost host, RoleSurroundings around, Action beginStop, Func<TimeSpan, Task> endRunning, Func<ValueTask> close, RoleHost? admin)
    {
        _host = host;
        _admin = admin;
        _around = around;
        _beginStop = beginStop;
        _endRunning = endRunning;
        _close = close;
    }

    public string Url => _host.Url;

    /// <summary>Where the role is administered, if it has an address for that.</summary>
    public string? AdminUrl => _admin?.Url;

    public static async Task<RunningRole> StartTrackingAsync(TrackingOptions options, ListenAddress address, RoleSurroundings around, CancellationToken cancellation)
    {
        Settings.ThrowIfAny(options.Faults());
        var server = await Opening.RunAsync("tracking", () => TrackingServer.OpenAsync(options, around.Time, around.Loggers), around, cancellation);
        return await ListenAsync(() => RoleHost.StartAsync(address, server.HandleAsync, around.Loggers, new Hosting { LargestBody = LargestMetadataBody, Memory = LargeBlockFactory.Instead }, around.Drain, cancellation), around, static () => { }, server.DisposeAsync);
    }

    /// <summary>Starts the auth service.</summary>
    /// <returns>The role, and the first key if there was none and one was asked for.</returns>
    public static async Task<(RunningRole Role, ApiKey? FirstKey)> StartKeysAsync(KeysOptions options, ListenAddress address, bool bootstrap, RoleSurroundings around, CancellationToken cancellation)
    {
        Settings.ThrowIfAny(options.Faults());
        var server = await Opening.RunAsync("keys", () => KeysServer.OpenAsync(options, around.Time, around.Loggers), around, cancellation);
        var hosting = new Hosting { LargestBody = LargestMetadataBody };
        var role = await ListenAsync(
            () => RoleHost.StartAsync(address, server.HandleAsync, around.Loggers, hosting, around.Drain, cancellation),
            around,
            server.BeginStop,
            server.DisposeAsync,
            startAdmin: () => RoleHost.StartAsync(ListenAddress.Parse(options.AdminHost, options.AdminPort), server.HandleAdminAsync, around.Loggers, hosting, around.Drain, cancellation));
        try
        {
            // Only now that it listens: a key that was minted and then lost with a port that was taken would be lost for good.
            return (role, await Opening.RunAsync("keys", () => FirstKeyAsync(server, bootstrap, cancellation), around, cancellation));
        }
        catch
        {
            await role.DisposeAsync();
            throw;
        }
    }

    public static async Task<RunningRole> StartGatewayAsync(GatewayOptions options, ListenAddress address, RoleSurroundings around, CancellationToken cancellation)
    {
        Settings.ThrowIfAny(options.Faults());
        var server = await Opening.RunAsync("gateway", () => GatewayServer.StartAsync(options, around.Time, around.Loggers), around, cancellation);
        // No limit at the socket: artifacts have none, and the gateway sets one for everything else.
        return await ListenAsync(() => RoleHost.StartAsync(address, server.HandleAsync, around.Loggers, GatewayHosting(), around.Drain, cancellation), around, server.BeginDrain, server.DisposeAsync, server.EndDrainAsync);
    }

    /// <summary>Starts the edge, with a table that was read already or with the one that the options name.</summary>
    public static Task<RunningRole> StartEdgeAsync(EdgeOptions options, ListenAddress address, RoleSurroundings around, CancellationToken cancellation, RoutingTable? table = null)
    {
        Settings.ThrowIfAny(table is null ? options.Faults(out table) : options.FaultsWith(table));
        var server = EdgeServer.Start(options, table!, around.Time, around.Loggers);
        return ListenAsync(() => RoleHost.StartAsync(address, server.HandleAsync, around.Loggers, EdgeHosting(options), around.Drain, cancellation), around, static () => { }, server.DisposeAsync);
    }

    /// <summary>How the gateway is hosted: for many small requests, a buffer at the ready for each connection.</summary>
    public static Hosting GatewayHosting() => new() { Inline = true, WaitForBytes = false, Watch = GatewayServer.WatchConnection, Memory = GatewayServer.ReceiveMemory };

    /// <summary>How the edge is hosted: as a listener of the load balancer.</summary>
    public static Hosting EdgeHosting(EdgeOptions options) => new() { Inline = true, Memory = LargeBlockFactory.Instead, ListenerIdle = options.IdleTimeout };

    /// <summary>Says that the role will stop: readiness turns, long polls end. Requests go on being served.</summary>
    public void BeginStop() => _beginStop();

    /// <summary>Lets running requests end, then closes socket and server.</summary>
    public async ValueTask DisposeAsync()
    {
        var began = _around.Time.GetTimestamp();
        _beginStop();
        await _endRunning(_around.Drain);
        if (_admin is not null)
        {
            await _admin.StopAsync(_around.Drain - _around.Time.GetElapsedTime(began), _around.Time);
            await _admin.DisposeAsync();
        }
        await _host.StopAsync(_around.Drain - _around.Time.GetElapsedTime(began), _around.Time);
        await _host.DisposeAsync();
        await _close();
    }

    private static async Task<ApiKey?> FirstKeyAsync(KeysServer server, bool bootstrap, CancellationToken cancellation)
    {
        if (bootstrap) return await server.MintFirstKeyAsync(Environment.UserName, cancellation);
        await server.WarnIfEmptyAsync(cancellation);
        return null;
    }

    private static async Task<RunningRole> ListenAsync(
        Func<Task<RoleHost>> start, RoleSurroundings around, Action beginStop, Func<ValueTask> close, Func<TimeSpan, Task>? endRunning = null, Func<Task<RoleHost>>? startAdmin = null)
    {
        RoleHost? host = null;
        try
        {
            host = await start();
            return new RunningRole(host, around, beginStop, endRunning ?? (static _ => Task.CompletedTask), close, startAdmin is null ? null : await startAdmin());
        }
        catch
        {
            if (host is not null) await host.DisposeAsync();
            await close();
            throw;
        }
    }
}

/// <summary>What every role is given.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Loggers">Where to log.</param>
/// <param name="Drain">How long running requests may go on after a stop was asked for.</param>
internal sealed record RoleSurroundings(TimeProvider Time, ILoggerFactory Loggers, TimeSpan Drain)
{
    /// <summary>How long a role that starts tries to reach a database that is away. Default: not at all.</summary>
    public TimeSpan StartWait { get; init; }
}
