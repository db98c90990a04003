using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Catalogue;
using Hokusai.Keys;
using Hokusai.Routes.Review;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Explain;

/// <summary>Which rule of a listener takes a request, and what becomes of it there.</summary>
/// <param name="Listener">The listener.</param>
/// <param name="Passed">The rules before it, with why each did not take it.</param>
/// <param name="Rule">The rule; null for the default.</param>
/// <param name="Because">Which of the rule's conditions hold, and by which value.</param>
/// <param name="Action">What happens.</param>
/// <param name="PathAtTarget">Path and query as the load balancer sends them on; null if nothing is sent on.</param>
/// <param name="HostAtTarget">The Host header if the load balancer changes it.</param>
/// <param name="Ends">What the service behind makes of it; of several target groups each.</param>
internal sealed record RouteExplanation(ListenerView Listener, IReadOnlyList<PassedRule> Passed, RuleView? Rule, IReadOnlyList<string> Because, RuleAction Action, string? PathAtTarget, string? HostAtTarget, IReadOnlyList<RouteEnd> Ends)
{
    /// <summary>Explains a request on a listener.</summary>
    public static RouteExplanation Of(ListenerView listener, AskedRequest asked, Roles roles)
    {
        var request = asked.Request;
        var rule = listener.Match(request);
        var passed = listener.Rules.TakeWhile(r => r != rule).Select(r => new PassedRule(r.Rule.Priority, r.Label, Why(r.Rule.Conditions.First(c => !c.Holds(request)), request)))
            .Concat(listener.Off.Where(r => rule is null || r.Priority < rule.Rule.Priority).Select(r => new PassedRule(r.Priority, $"rule {r.Priority} ({r.Name})", "is off: no networks for direct access were given (--direct-access)")))
            .OrderBy(r => r.Priority).ToList();
        var action = rule?.Rule.Action ?? listener.Default;
        var target = request.Path + request.Query;
        var sent = action is not ForwardAction ? null : rule is null ? target : listener.Table.Rewrite(rule.Rule, target);
        var host = rule?.Rule.HostRewrite is null ? null : listener.Table.RewriteHost(rule.Rule, request.Host);
        return new RouteExplanation(listener, passed, rule, [.. (rule?.Rule.Conditions ?? []).Select(c => Holding(c, request))], action, sent, host == request.Host ? null : host,
            sent is null ? [] : [.. action.TargetNames.Select(group => RouteEnd.Of(group, roles.Of(group), request.Method, sent))]);
    }

    private static string Why(RuleCondition condition, ListenerRequest request) => condition is OtherCondition
        ? $"{RuleText.Of(condition)} can't be judged here and is taken not to hold"
        : $"{RuleText.Of(condition)} does not match {Seen(condition, request)}";

    private static string Seen(RuleCondition condition, ListenerRequest request) => condition switch
    {
        PathCondition => request.Path,
        HostCondition => request.Host.Length > 0 ? request.Host : "a request without a host name",
        MethodCondition => request.Method,
        SourceCondition => request.Source?.ToString() ?? "an unknown address (--from gives one)",
        HeaderCondition header => request.Header(header.Name).FirstOrDefault() is { } value ? $"'{value}'" : "a request without that header (--header gives one)",
        _ => request.Query.Length > 0 ? request.Query : "a request without query",
    };

    private static string Holding(RuleCondition condition, ListenerRequest request) => condition switch
    {
        PathCondition path => $"path matches {path.Patterns.First(p => new PathCondition([p]).Holds(request))}",
        HostCondition host => $"host matches {host.Patterns.First(p => new HostCondition([p]).Holds(request))}",
        MethodCondition => $"method is {request.Method}",
        SourceCondition source => $"source is within {source.Networks.First(n => new SourceCondition([n]).Holds(request))}",
        HeaderCondition header => $"header {header.Name} matches {header.Patterns.First(p => new HeaderCondition(header.Name, [p]).Holds(request))}",
        _ => $"{RuleText.Of(condition)} matches",
    };
}

/// <summary>A rule that did not take a request.</summary>
/// <param name="Priority">Its priority.</param>
/// <param name="Label">Priority and name.</param>
/// <param name="Why">The first of its conditions that does not hold, and what the request has.</param>
internal sealed record PassedRule(int Priority, string Label, string Why);

/// <summary>What the service behind a target group makes of a request.</summary>
/// <param name="Group">The target group.</param>
/// <param name="Role">What stands behind it.</param>
/// <param name="PathAtMlflow">The path that MLflow gets; null if it gets nothing.</param>
/// <param name="Gateway">What the gateway makes of it; null if it does not get there.</param>
/// <param name="Endpoint">The endpoint in words.</param>
/// <param name="Warning">What is dangerous about it; null if nothing is.</param>
internal sealed record RouteEnd(string Group, Role Role, string? PathAtMlflow, GatewayRoute? Gateway, string Endpoint, string? Warning)
{
    public static RouteEnd Of(string group, Role role, string method, string target)
    {
        var (path, query) = (RawTarget.PathOf(target).ToString(), RawTarget.QueryOf(target).ToString());
        return role switch
        {
            Role.Api => OfGateway(group, GatewayRoute.Of(method, path), query),
            Role.Auth => new RouteEnd(group, role, null, null, KeysEndpoints.ThroughLoadBalancer.Any(e => e.Method == method && e.Path == path) ? $"{method} {path} of the auth service" : "none that the auth service offers through a load balancer: 404", null),
            Role.Mlflow => new RouteEnd(group, role, target, null, KnownToMlflow(method, path), "past the gateway's key check: whoever reaches this listener from an allowed network acts without a key"),
            _ => new RouteEnd(group, role, null, null, "not known: the target group's name does not say what stands behind it (--api-group, --mlflow-group, --auth-group)", null),
        };
    }

    private static RouteEnd OfGateway(string group, GatewayRoute route, string query)
    {
        if (route.IsOwn) return new RouteEnd(group, Role.Api, null, route, "the gateway's own; it does not go to MLflow", null);
        if (route.Endpoint is not null) return new RouteEnd(group, Role.Api, route.Path + query, route, $"{route.Endpoint}, {route.Class}, needs {route.Scope}, retry {route.Retry}, body {route.Body}", null);
        return new RouteEnd(group, Role.Api, null, route, route.Allowed is null ? "not in the catalogue: 404" : $"in the catalogue for {route.Allowed} alone: 405", null);
    }

    // MLflow's own paths are those of the catalogue without the gateway's prefix.
    private static string KnownToMlflow(string method, string path)
    {
        var known = GatewayRoute.Of(method, path);
        return known.Endpoint is not null && known.Path == path ? $"{known.Endpoint} of MLflow" : "none of MLflow's REST paths: its own pages at best, else 404";
    }
}
