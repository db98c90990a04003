using Hokusai.Edge;
using Hokusai.Gateway;
using Hokusai.Keys;
using Hokusai.Serve;
using Microsoft.Extensions.Logging;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>One role on a free port, with its logs.</summary>
internal sealed class TestRole : IAsyncDisposable
{
    private readonly RunningRole _role;
    private readonly ILoggerFactory _loggers;
    private readonly List<HttpClient> _clients = [];
    private bool _stopped;

    private TestRole(RunningRole role, ILoggerFactory loggers, CollectedLogs logs) => (_role, _loggers, Logs) = (role, loggers, logs);

    public string Url => _role.Url;

    /// <summary>Where the auth service is administered.</summary>
    public string AdminUrl => _role.AdminUrl!;

    /// <summary>What the role logged, at debug level; complete once it is stopped.</summary>
    public CollectedLogs Logs { get; }

    /// <summary>The key that the auth service minted at its first start.</summary>
    public string? FirstKey { get; private init; }

    public static Task<TestRole> GatewayAsync(GatewayOptions options, TimeProvider? time = null, TimeSpan? drain = null) =>
        StartAsync(async around => (await RunningRole.StartGatewayAsync(options, ListenAddress.Loopback(0), around, TestContext.Current.CancellationToken), null), time, drain);

    public static Task<TestRole> EdgeAsync(EdgeOptions options) =>
        StartAsync(async around => (await RunningRole.StartEdgeAsync(options, ListenAddress.Loopback(0), around, TestContext.Current.CancellationToken), null));

    public static Task<TestRole> KeysAsync(KeysOptions options, TimeProvider? time = null) => StartAsync(
        async around =>
        {
            var (role, key) = await RunningRole.StartKeysAsync(options with { AdminPort = 0 }, ListenAddress.Loopback(0), bootstrap: true, around, TestContext.Current.CancellationToken);
            return (role, key?.Reveal());
        },
        time);

    /// <summary>A client that follows no redirect; it lives as long as the role.</summary>
    public HttpClient Client(string? key = null) => ClientOf(Url, key);

    /// <summary>The same for the auth service's administration.</summary>
    public HttpClient AdminClient(string? key = null) => ClientOf(AdminUrl, key);

    /// <summary>Stops the role; its logs are complete then.</summary>
    public async Task StopAsync()
    {
        if (_stopped) return;
        _stopped = true;
        foreach (var client in _clients) client.Dispose();
        await _role.DisposeAsync();
        _loggers.Dispose();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private HttpClient ClientOf(string url, string? key)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false }) { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(30) };
        if (key is not null) client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + key);
        _clients.Add(client);
        return client;
    }

    private static async Task<TestRole> StartAsync(Func<RoleSurroundings, Task<(RunningRole Role, string? Key)>> start, TimeProvider? time = null, TimeSpan? drain = null)
    {
        var logs = new CollectedLogs();
        var loggers = Serve.Logs.Create(console: false, logs);
        var (role, key) = await start(new RoleSurroundings(time ?? TimeProvider.System, loggers, drain ?? TimeSpan.FromSeconds(2)));
        return new TestRole(role, loggers, logs) { FirstKey = key };
    }
}
