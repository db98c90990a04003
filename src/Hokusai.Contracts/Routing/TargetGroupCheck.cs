namespace Hokusai.Contracts.Routing;

/// <summary>What is wrong with a target group.</summary>
internal static class TargetGroupCheck
{
    private const int LongestPath = 1024;

    public static IEnumerable<RoutingFault> FaultsOf(string name, RouteTarget target)
    {
        var at = $"target '{name}'";
        if (target.Port is < 1 or > 65535) yield return new("port-range", $"{at}: port {target.Port} is not within 1 to 65535");
        if (target.Protocol is not ("HTTP" or "HTTPS")) yield return new("target-protocol", $"{at}: protocol '{target.Protocol}' is neither HTTP nor HTTPS");
        if (target.DeregistrationDelaySeconds is < 0 or > 3600) yield return new("deregistration-delay-range", $"{at}: deregistration_delay_seconds {target.DeregistrationDelaySeconds} is not within 0 to 3600");
        if (target.Algorithm is not ("round_robin" or RoutingCheck.LeastOutstanding)) yield return new("target-algorithm", $"{at}: algorithm '{target.Algorithm}' is neither round_robin nor {RoutingCheck.LeastOutstanding}");
        if (target.SlowStartSeconds is not (0 or (>= 30 and <= 900))) yield return new("slow-start-range", $"{at}: slow_start_seconds {target.SlowStartSeconds} is neither 0 nor within 30 to 900");
        if (target is { Algorithm: RoutingCheck.LeastOutstanding, SlowStartSeconds: > 0 }) yield return new("slow-start-range", $"{at}: slow_start_seconds goes with round_robin only");
        if (target.HealthCheck is { } check) foreach (var fault in FaultsOf(at, check)) yield return fault;
    }

    private static IEnumerable<RoutingFault> FaultsOf(string at, RouteHealthCheck check)
    {
        if (!check.Path.StartsWith('/') || check.Path.Length > LongestPath) yield return new("health-check-range", $"{at}: health_check path '{check.Path}' is no path of at most {LongestPath} characters that starts with '/'");
        if (!StatusMatcher.TryParse(check.Matcher, out _)) yield return new("health-check-range", $"{at}: health_check matcher '{check.Matcher}' can't be read; write it as 200, 200,204 or 200-299, within 200 to 499");
        if (check.IntervalSeconds is < 5 or > 300) yield return new("health-check-range", $"{at}: health_check interval_seconds {check.IntervalSeconds} is not within 5 to 300");
        if (check.TimeoutSeconds is < 2 or > 120) yield return new("health-check-range", $"{at}: health_check timeout_seconds {check.TimeoutSeconds} is not within 2 to 120");
        if (check.TimeoutSeconds >= check.IntervalSeconds) yield return new("health-check-range", $"{at}: health_check timeout_seconds {check.TimeoutSeconds} is not below interval_seconds {check.IntervalSeconds}");
        if (check.HealthyThreshold is < 2 or > 10) yield return new("health-check-range", $"{at}: health_check healthy_threshold {check.HealthyThreshold} is not within 2 to 10");
        if (check.UnhealthyThreshold is < 2 or > 10) yield return new("health-check-range", $"{at}: health_check unhealthy_threshold {check.UnhealthyThreshold} is not within 2 to 10");
    }
}
