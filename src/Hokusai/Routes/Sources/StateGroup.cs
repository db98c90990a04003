using Hokusai.Contracts.Routing;

namespace Hokusai.Routes.Sources;

/// <summary>A target group of a state in the load balancer's own terms.</summary>
internal static class StateGroup
{
    // What the load balancer checks where nothing was set.
    private static readonly RouteHealthCheck Standard = new("/");

    // What the provider sets where a health_check block leaves it out.
    private const int ProviderThreshold = 3;

    public static TargetGroup Read(string name, StateResource resource, List<string> remarks)
    {
        var values = resource.Values;
        var algorithm = StateValue.Text(values, "load_balancing_algorithm_type");
        if (algorithm is "weighted_random") remarks.Add($"{resource.Address}: algorithm weighted_random; here targets take turns");
        if (StateValue.Block(values, "stickiness") is { } stickiness && StateValue.Flag(stickiness, "enabled") == true) remarks.Add($"{resource.Address}: stickiness is on; here any target takes any request");
        return new TargetGroup
        {
            Name = name,
            Port = StateValue.Number(values, "port") ?? 0,
            Protocol = StateValue.Text(values, "protocol") ?? "HTTP",
            HealthCheck = Check(resource),
            DeregistrationDelay = StateValue.Number(values, "deregistration_delay") is { } delay ? TimeSpan.FromSeconds(delay) : TimeSpan.FromSeconds(300),
            Algorithm = algorithm == "least_outstanding_requests" ? BalancingAlgorithm.LeastOutstandingRequests : BalancingAlgorithm.RoundRobin,
            SlowStart = TimeSpan.FromSeconds(StateValue.Number(values, "slow_start") ?? 0),
            LeastHealthy = LeastHealthy(resource, remarks),
        };
    }

    private static HealthCheck? Check(StateResource resource)
    {
        if (StateValue.Block(resource.Values, "health_check") is not { } block) return Check(resource, Standard, null);
        if (StateValue.Flag(block, "enabled") == false) return null;
        return Check(
            resource,
            new RouteHealthCheck(
                Or(StateValue.Text(block, "path"), Standard.Path),
                Or(StateValue.Text(block, "matcher"), Standard.Matcher),
                StateValue.Number(block, "interval") ?? Standard.IntervalSeconds,
                StateValue.Number(block, "timeout") ?? Standard.TimeoutSeconds,
                StateValue.Number(block, "healthy_threshold") ?? ProviderThreshold,
                StateValue.Number(block, "unhealthy_threshold") ?? ProviderThreshold),
            // A text such as traffic-port is no number and means the port that requests go to.
            StateValue.Number(block, "port"));
    }

    // What no check can be made of is refused here: one that fails on its way would end the checks of its target for good.
    private static HealthCheck Check(StateResource resource, RouteHealthCheck check, int? port)
    {
        var at = $"{resource.Address}: health_check";
        if (!StatusMatcher.TryParse(check.Matcher, out var matcher)) throw new InvalidDataException($"{at} matcher '{check.Matcher}' can't be read; write it as 200, 200,204 or 200-299, within 200 to 499");
        if (!check.Path.StartsWith('/')) throw new InvalidDataException($"{at} path '{check.Path}' does not start with '/'");
        if (check.IntervalSeconds < 1) throw new InvalidDataException($"{at} interval {check.IntervalSeconds} is not above 0");
        if (check.TimeoutSeconds < 1) throw new InvalidDataException($"{at} timeout {check.TimeoutSeconds} is not above 0");
        if (port is < 1 or > 65535) throw new InvalidDataException($"{at} port {port} is not within 1 to 65535");
        return new HealthCheck(check.Path, matcher, TimeSpan.FromSeconds(check.IntervalSeconds), TimeSpan.FromSeconds(check.TimeoutSeconds), check.HealthyThreshold, check.UnhealthyThreshold, port);
    }

    private static int LeastHealthy(StateResource resource, List<string> remarks)
    {
        if (StateValue.Block(resource.Values, "target_group_health") is not { } health || StateValue.Block(health, "unhealthy_state_routing") is not { } routing) return 1;
        if (StateValue.Text(routing, "minimum_healthy_targets_percentage") is { } share and not "off" and not "") remarks.Add($"{resource.Address}: minimum_healthy_targets_percentage '{share}' is not looked at; the count is");
        return StateValue.Number(routing, "minimum_healthy_targets_count") is >= 1 and var count ? count : 1;
    }

    private static string Or(string? text, string otherwise) => string.IsNullOrEmpty(text) ? otherwise : text;
}
