using Hokusai.Edge;
using Hokusai.Gateway;
using Hokusai.Gateway.Sessions;
using Hokusai.Keys;
using Hokusai.Serve;
using Hokusai.Tracking;
using Microsoft.Extensions.Logging;

namespace Hokusai.Up;

/// <summary>All four roles in one process, each on a port of its own, speaking HTTP to each other: the path tested here is the path deployed.</summary>
internal sealed class Stack : IAsyncDisposable
{
    // In the order in which they start; they stop the other way round, so that nobody forwards to what is gone.
    private readonly List<RunningRole> _roles = [];
    private readonly ILoggerFactory _loggers;
    private readonly DataFolder _data;

    private Stack(DataFolder data, ILoggerFactory loggers)
    {
        _data = data;
        _loggers = loggers;
    }

    public string EdgeUrl { get; private set; } = "";

    public string GatewayUrl { get; private set; } = "";

    public string KeysUrl { get; private set; } = "";

    /// <summary>Where keys are administered.</summary>
    public string KeysAdminUrl { get; private set; } = "";

    /// <summary>The embedded tracking server, or the MLflow that the stack stands in front of.</summary>
    public string TrackingUrl { get; private set; } = "";

    /// <summary>The key that was issued because there was none. Known only to the one who started the stack.</summary>
    public string? FirstKey { get; private set; }

    /// <summary>Starts a stack.</summary>
    /// <exception cref="CommandFailure">A port, the folder or a setting is not usable. Nothing is left running.</exception>
    public static async Task<Stack> StartAsync(StackOptions options, CancellationToken cancellation)
    {
        var data = DataFolder.Open(options.DataFolder);
        var stack = new Stack(data, Logs.Create(options.ConsoleLogs, options.ExtraLogs));
        try
        {
            await stack.StartRolesAsync(options, cancellation);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets running requests end, stops all roles and closes what they hold.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var role in _roles) role.BeginStop();
        for (var i = _roles.Count - 1; i >= 0; i--) await _roles[i].DisposeAsync();
        _roles.Clear();
        _loggers.Dispose();
        _data.Dispose();
    }

    private async Task StartRolesAsync(StackOptions options, CancellationToken cancellation)
    {
        var around = new RoleSurroundings(TimeProvider.System, _loggers, options.Drain);
        var ports = options.EffectivePorts;
        TrackingUrl = options.MlflowUrl ?? await AddAsync(RunningRole.StartTrackingAsync(
            new TrackingOptions { BackendStoreUri = "sqlite:///" + _data.PathOf("tracking.db"), ArtifactsDestination = _data.PathOf("artifacts") }, ListenAddress.Loopback(ports.Tracking), around, cancellation));
        var keys = await RunningRole.StartKeysAsync(
            new KeysOptions { StoreUri = "sqlite:///" + _data.PathOf("keys.db"), PepperFile = _data.PathOf("keys.pepper"), AdminPort = ports.KeysAdmin }, ListenAddress.Loopback(ports.Keys), bootstrap: true, around, cancellation);
        _roles.Add(keys.Role);
        KeysUrl = keys.Role.Url;
        KeysAdminUrl = keys.Role.AdminUrl!;
        FirstKey = keys.FirstKey?.Reveal();
        GatewayUrl = await AddAsync(RunningRole.StartGatewayAsync(
            new GatewayOptions { Upstream = TrackingUrl, AllowAddressLiteral = true, AuthService = KeysUrl, Sessions = new SessionOptions { SecretFile = _data.PathOf("sessions.secret") } }, ListenAddress.Loopback(ports.Gateway), around, cancellation));
        var targets = new Dictionary<string, IReadOnlyList<string>> { ["api"] = [GatewayUrl], ["auth"] = [KeysUrl], ["mlflow"] = [TrackingUrl] };
        EdgeUrl = await AddAsync(RunningRole.StartEdgeAsync(new EdgeOptions { Targets = targets }, ListenAddress.Loopback(ports.Edge), around, cancellation));
    }

    private async Task<string> AddAsync(Task<RunningRole> start)
    {
        var role = await start;
        _roles.Add(role);
        return role.Url;
    }
}
