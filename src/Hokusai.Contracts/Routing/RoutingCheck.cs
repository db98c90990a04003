using System.Net;

namespace Hokusai.Contracts.Routing;

/// <summary>What is wrong with a routing document, found before a load balancer would find it or, worse, would not.</summary>
/// <remarks>Source of the limits: AWS, "Quotas for your Application Load Balancers" and the pages on rules, conditions, actions and transforms.</remarks>
internal static class RoutingCheck
{
    /// <summary>The algorithm other than round robin.</summary>
    public const string LeastOutstanding = "least_outstanding_requests";

    private const int MostRules = 100;

    private static readonly string[] GatewayPaths = ["/api/mlflow", "/api/mlflow/api/2.0/mlflow/experiments/search"];

    /// <summary>All faults: first what leads past the gateway, which no mending of the others would undo, then the rest in the order of the document.</summary>
    public static IReadOnlyList<RoutingFault> FaultsOf(RoutingDocument document, IReadOnlyList<IPNetwork> directAccess)
    {
        var targets = document.Targets ?? new Dictionary<string, RouteTarget>();
        var rules = document.Rules ?? [];
        var faults = new List<RoutingFault>();
        foreach (var rule in rules.Where(r => r.TargetNames.Contains("mlflow") && TakesFromGateway(r, rules)))
            faults.Add(new("gateway-bypass", $"rule '{rule.Name}': sends /api/mlflow to mlflow, past the gateway and its key check; its target must be api"));
        if (targets.Count == 0) faults.Add(new("no-target", "targets: none given; name at least the target groups that the rules use"));
        foreach (var (name, target) in targets) faults.AddRange(TargetGroupCheck.FaultsOf(name, target));
        if (document.Default is { } fallback) faults.AddRange(ActionCheck.FaultsOf("default", fallback));
        else faults.Add(new("fixed-response", "default: missing; the load balancer needs an answer for what no rule takes"));
        if (rules.Count > MostRules) faults.Add(new("rule-count", $"rules: {rules.Count} given, a load balancer takes {MostRules}"));
        foreach (var twins in rules.GroupBy(r => r.Priority).Where(g => g.Count() > 1))
            faults.Add(new("duplicate-priority", $"priority {twins.Key}: used by {string.Join(" and ", twins.Select(r => r.Name))}; give each rule its own"));
        foreach (var twins in rules.GroupBy(r => r.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            faults.Add(new("duplicate-name", $"name '{twins.Key}': used {twins.Count()} times; give each rule its own"));
        foreach (var rule in rules)
        {
            var at = $"rule '{rule.Name}'";
            if (rule.Priority is < 1 or > 50_000) faults.Add(new("priority-range", $"{at}: priority {rule.Priority} is not within 1 to 50000"));
            faults.AddRange(ConditionCheck.FaultsOf(at, rule, directAccess));
            faults.AddRange(ActionCheck.FaultsOf(at, rule, targets));
        }
        return faults;
    }

    // A pattern that is more special than /api/mlflow*, or one that takes it in while no earlier rule has taken it already.
    private static bool TakesFromGateway(RouteRule rule, IReadOnlyList<RouteRule> rules) =>
        rule.Paths is null || rule.Paths.Any(pattern => PathPattern.Covers("/api/mlflow*", pattern))
        || GatewayPaths.Any(path => Takes(rule, path) && !rules.Any(earlier => earlier.Priority < rule.Priority && TakesAnyRequest(earlier) && Takes(earlier, path)));

    private static bool TakesAnyRequest(RouteRule rule) => rule is { Hosts: null, Methods: null, Sources: null, Headers: null or { Count: 0 }, Query: null or { Count: 0 }, DirectAccess: false };

    private static bool Takes(RouteRule rule, string path) => rule.Paths is null || rule.Paths.Any(pattern => PathPattern.Matches(pattern, path));
}
