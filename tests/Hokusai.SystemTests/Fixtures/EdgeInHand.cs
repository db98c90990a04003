using System.Net;
using Hokusai.Contracts.Routing;
using Hokusai.Edge;
using Hokusai.Edge.Health;
using Hokusai.Serve;
using Microsoft.Extensions.Logging;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>A listening edge whose routing table, clock and draws are the test's, and whose targets the test can change.</summary>
internal sealed class EdgeInHand : IAsyncDisposable
{
    private readonly EdgeServer _server;
    private readonly RoleHost _host;
    private readonly ILoggerFactory _loggers;

    private EdgeInHand(EdgeServer server, RoleHost host, ILoggerFactory loggers, CollectedLogs logs) => (_server, _host, _loggers, Logs) = (server, host, loggers, logs);

    public string Url => _host.Url;

    public int Port => new Uri(Url).Port;

    /// <summary>What the edge logged, at debug level.</summary>
    public CollectedLogs Logs { get; }

    /// <summary>Adding and taking out targets, and how they are.</summary>
    public EdgeServer Server => _server;

    /// <summary>Starts an edge.</summary>
    /// <param name="routes">Text of a routes file; unlike the load balancer's, a group that names no health check has none, so that a test sees its own requests only.</param>
    /// <param name="targets">Addresses by target group, as a setting has them.</param>
    /// <param name="options">Other settings.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="random">The draws; null for the runtime's.</param>
    public static Task<EdgeInHand> StartAsync(string routes, Dictionary<string, string[]> targets, EdgeOptions? options = null, TimeProvider? time = null, Random? random = null)
    {
        var direct = (options?.DirectAccessNetworks ?? []).Select(n => IPNetwork.Parse(n)).ToArray();
        var document = RoutingDocument.Parse(routes);
        Assert.Empty(RoutingTable.TryBuild(document, direct, out var built));
        var groups = built!.Targets.Values.Select(g => document.Targets![g.Name].HealthCheck is null ? g with { HealthCheck = null } : g);
        return StartAsync(new RoutingTable(built.Default, groups.ToDictionary(g => g.Name), built.Rules), targets, options, time, random);
    }

    /// <summary>Starts an edge with a table that was read already.</summary>
    public static async Task<EdgeInHand> StartAsync(RoutingTable table, Dictionary<string, string[]> targets, EdgeOptions? options = null, TimeProvider? time = null, Random? random = null)
    {
        options = (options ?? new EdgeOptions()) with { Targets = targets.ToDictionary(t => t.Key, t => (IReadOnlyList<string>)t.Value) };
        Assert.Empty(options.FaultsWith(table));
        var logs = new CollectedLogs();
        var loggers = Serve.Logs.Create(console: false, logs);
        var server = EdgeServer.Start(options, table, time ?? TimeProvider.System, loggers, random);
        var host = await RoleHost.StartAsync(ListenAddress.Loopback(0), server.HandleAsync, loggers, RunningRole.EdgeHosting(options), TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        return new EdgeInHand(server, host, loggers, logs);
    }

    /// <summary>An edge with one group named api, which takes every path.</summary>
    public static Task<EdgeInHand> InFrontOfAsync(string[] api, string group = """{"port": 80}""", EdgeOptions? options = null, TimeProvider? time = null) =>
        StartAsync($$"""{"default": {"status": 404, "content_type": "text/plain", "body": "no"}, "targets": {"api": {{group}}}, "rules": [{"name": "all", "priority": 1, "paths": ["*"], "target": "api"}]}""", new() { ["api"] = api }, options, time);

    /// <summary>Waits until a target is in a state.</summary>
    public Task UntilAsync(string address, TargetState state) =>
        Until.TrueAsync($"{address} is {state}", TimeSpan.FromSeconds(20), () => _server.TargetHealth.Any(h => h.Address == address && h.State == state));

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _server.DisposeAsync();
        _loggers.Dispose();
    }
}
