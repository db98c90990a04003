using System.Net;

namespace Hokusai.Contracts.Routing;

/// <summary>Puts a checked document into the load balancer's own terms.</summary>
internal static class RoutingBuilder
{
    public static RoutingTable Build(RoutingDocument document, IReadOnlyList<IPNetwork> directAccess) => new(
        new FixedResponseAction(document.Default!),
        document.Targets!.ToDictionary(t => t.Key, t => Group(t.Key, t.Value)),
        document.Rules!.Where(r => !r.DirectAccess || directAccess.Count > 0).Select(r => Rule(r, directAccess)));

    private static ListenerRule Rule(RouteRule rule, IReadOnlyList<IPNetwork> directAccess) =>
        new(rule.Name, rule.Priority, [.. Conditions(rule, directAccess)], Action(rule), rule.Rewrite, rule.HostRewrite);

    private static IEnumerable<RuleCondition> Conditions(RouteRule rule, IReadOnlyList<IPNetwork> directAccess)
    {
        if (rule.Paths is { } paths) yield return new PathCondition(paths);
        if (rule.Hosts is { } hosts) yield return new HostCondition(hosts);
        if (rule.Methods is { } methods) yield return new MethodCondition(methods);
        if (rule.Sources is { } sources) yield return new SourceCondition([.. sources.Select(s => IPNetwork.Parse(s))]);
        else if (rule.DirectAccess) yield return new SourceCondition(directAccess);
        foreach (var header in rule.Headers ?? []) yield return new HeaderCondition(header.Name, header.Values);
        foreach (var query in rule.Query ?? []) yield return new QueryCondition(query.Values);
    }

    private static RuleAction Action(RouteRule rule) => rule switch
    {
        { Target: { } target } => new ForwardAction(target),
        { Forward: { } forward } => new ForwardAction(forward),
        { Redirect: { } redirect } => new RedirectAction(redirect),
        _ => new FixedResponseAction(rule.FixedResponse!),
    };

    private static TargetGroup Group(string name, RouteTarget target) => new()
    {
        Name = name,
        Port = target.Port,
        Protocol = target.Protocol,
        // Without one the load balancer checks all the same, at its defaults.
        HealthCheck = Check(target.HealthCheck ?? new RouteHealthCheck("/")),
        DeregistrationDelay = TimeSpan.FromSeconds(target.DeregistrationDelaySeconds),
        Algorithm = target.Algorithm == RoutingCheck.LeastOutstanding ? BalancingAlgorithm.LeastOutstandingRequests : BalancingAlgorithm.RoundRobin,
        SlowStart = TimeSpan.FromSeconds(target.SlowStartSeconds),
    };

    private static HealthCheck Check(RouteHealthCheck check) => new(
        check.Path,
        StatusMatcher.TryParse(check.Matcher, out var matcher) ? matcher : throw new ArgumentException($"matcher '{check.Matcher}'", nameof(check)),
        TimeSpan.FromSeconds(check.IntervalSeconds),
        TimeSpan.FromSeconds(check.TimeoutSeconds),
        check.HealthyThreshold,
        check.UnhealthyThreshold);
}
