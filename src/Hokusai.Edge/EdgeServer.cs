using System.Net;
using Hokusai.Contracts.Keys;
using Hokusai.Contracts.Routing;
using Hokusai.Edge.Answers;
using Hokusai.Edge.Balancing;
using Hokusai.Edge.Forwarding;
using Hokusai.Edge.Health;
using Hokusai.Edge.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Hokusai.Edge;

/// <summary>The AWS Application Load Balancer in miniature: listener rules, target groups, and the status codes that it makes itself.</summary>
public sealed class EdgeServer : IAsyncDisposable
{
    private readonly EdgeOptions _options;
    private readonly RoutingTable _table;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly ListenerRule _default;
    private readonly Dictionary<string, TargetSet> _groups;
    private readonly HealthProbe _probe;
    private readonly HealthChecks _checks;
    private readonly Forwarder _forwarder;

    private EdgeServer(EdgeOptions options, RoutingTable table, TimeProvider time, ILoggerFactory loggers, Random random)
    {
        (_options, _table, _random) = (options, table, random);
        _logger = loggers.CreateLogger("Hokusai.Edge");
        _default = new ListenerRule("default", 0, [], table.Default);
        var used = table.Rules.Select(r => r.Action).Append(table.Default).SelectMany(a => a.TargetNames).ToHashSet();
        _groups = table.Targets.Values.ToDictionary(g => g.Name, g => new TargetSet(g, AddressesOf(g, options), used.Contains(g.Name), time, random, _logger));
        _probe = new HealthProbe(time);
        _checks = new HealthChecks(_probe.CheckAsync, time);
        _forwarder = new Forwarder(options, time, loggers, _logger);
    }

    /// <summary>How all targets are, those that drain included.</summary>
    public IReadOnlyList<TargetHealth> TargetHealth => [.. _groups.Values.SelectMany(g => g.Health)];

    /// <summary>Starts the edge and its health checks.</summary>
    /// <param name="options">Settings, see <see cref="EdgeOptions.Faults"/>.</param>
    /// <param name="table">The checked table.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="random">Draws the target group where a rule has several, and who takes a turn in slow start; null for the runtime's own.</param>
    public static EdgeServer Start(EdgeOptions options, RoutingTable table, TimeProvider time, ILoggerFactory loggers, Random? random = null)
    {
        var edge = new EdgeServer(options, table, time, loggers, random ?? Random.Shared);
        foreach (var group in edge._groups.Values)
        {
            foreach (var target in group.Registered) edge._checks.Begin(group, target);
        }
        return edge;
    }

    /// <summary>Answers one request: refuse, find the rule, do what its action says.</summary>
    /// <param name="http">The request.</param>
    public Task HandleAsync(HttpContext http)
    {
        if (RequestRules.Refusal(http.Request) is not 0 and var refusal) return RefuseAsync(http, refusal);
        var request = Read(http);
        // CONNECT's host:port and OPTIONS' asterisk are no paths: behind a target's address they would make another address.
        if (!request.Path.StartsWith('/')) return _default.Action is FixedResponseAction own ? OwnAnswers.GiveAsync(http, own.Response) : RefuseAsync(http, StatusCodes.Status400BadRequest);
        var rule = _table.Match(request) ?? _default;
        return rule.Action switch
        {
            ForwardAction forward => ForwardAsync(http, rule, forward, request),
            RedirectAction redirect => OwnAnswers.RedirectAsync(http, redirect.Redirect, request),
            FixedResponseAction response => OwnAnswers.GiveAsync(http, response.Response),
            _ => throw new InvalidOperationException($"rule '{rule.Name}' has an action that EdgeOptions.Faults refuses"),
        };
    }

    /// <summary>Adds a target to a group; it is checked from now on.</summary>
    /// <param name="group">Name of the target group.</param>
    /// <param name="address"><c>http://HOST:PORT</c>.</param>
    /// <returns>False if it is there already.</returns>
    /// <exception cref="ArgumentException">There is no such group, or the address is none.</exception>
    public bool Register(string group, string address)
    {
        var set = GroupOf(group);
        if (set.Register(TargetAddress.Parse(address)) is not { } target) return false;
        _checks.Begin(set, target);
        return true;
    }

    /// <summary>Takes a target out: it gets no new requests, and those under way may go on for the group's deregistration delay.</summary>
    /// <param name="group">Name of the target group.</param>
    /// <param name="address"><c>http://HOST:PORT</c>.</param>
    /// <returns>False if it is not there.</returns>
    /// <exception cref="ArgumentException">There is no such group, or the address is none.</exception>
    public bool Deregister(string group, string address) => GroupOf(group).Deregister(TargetAddress.Parse(address));

    /// <summary>Ends the health checks and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _checks.DisposeAsync();
        _probe.Dispose();
        _forwarder.Dispose();
        foreach (var group in _groups.Values) group.Dispose();
    }

    private static IEnumerable<TargetAddress> AddressesOf(TargetGroup group, EdgeOptions options) =>
        (options.Targets.TryGetValue(group.Name, out var addresses) ? addresses : [$"{group.Protocol.ToLowerInvariant()}://{IPAddress.Loopback}:{group.Port}"]).Select(TargetAddress.Parse).Distinct();

    private static ListenerRequest Read(HttpContext http)
    {
        var raw = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        return new ListenerRequest
        {
            Method = http.Request.Method,
            Path = RawTarget.PathOf(raw).ToString(),
            Query = RawTarget.QueryOf(raw).ToString(),
            Host = HostHeader.NameOf(HostHeader.Of(http.Request)),
            Source = ForwardedHeaders.PeerOf(http),
            Header = name => http.Request.Headers[name].OfType<string>(),
        };
    }

    private TargetSet GroupOf(string name) =>
        _groups.TryGetValue(name, out var group) ? group : throw new ArgumentException($"target group '{name}': is not among {string.Join(", ", _groups.Keys)}", nameof(name));

    private Task RefuseAsync(HttpContext http, int status)
    {
        Log.RequestRefused(_logger, http.Request.Method, KeyRedactor.Redact(RawTarget.PathOf(http.Features.Get<IHttpRequestFeature>()!.RawTarget).ToString()), status);
        return OwnPage.WriteAsync(http, status);
    }

    private Task ForwardAsync(HttpContext http, ListenerRule rule, ForwardAction forward, ListenerRequest request)
    {
        // Nobody else takes the share of a group that is empty or unwell: AWS documents no such thing.
        var name = forward.Targets.Count == 1 ? forward.Targets[0].Target : forward.Choose(_random.Next(forward.TotalWeight));
        var path = _table.Rewrite(rule, string.Concat(request.Path, request.Query));
        var host = _table.RewriteHost(rule, request.Host);
        if ((rule.Rewrite is not null && !RewriteResult.IsPath(path)) || (rule.HostRewrite is not null && !RewriteResult.IsHost(host)))
        {
            Log.TransformFailed(_logger, request.Method, KeyRedactor.Redact(request.Path), rule.Name);
            return OwnPage.WriteAsync(http, StatusCodes.Status500InternalServerError);
        }
        if (name is null)
        {
            // AWS does not say what an action with nothing but weights of 0 does.
            Log.NoTarget(_logger, request.Method, KeyRedactor.Redact(request.Path), rule.Name, "all weights are 0");
            return OwnPage.WriteAsync(http, StatusCodes.Status503ServiceUnavailable);
        }
        return _forwarder.SendAsync(http, _groups[name], rule.Name, path, HostHeader.Compose(HostHeader.Of(http.Request), host, !ReferenceEquals(host, request.Host), http.Connection.LocalPort, _options.PreserveHostHeader));
    }
}
