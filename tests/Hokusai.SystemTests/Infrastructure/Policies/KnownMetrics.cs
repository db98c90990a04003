namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>Metrics that alarms and dashboards may use, with the dimensions by which CloudWatch keeps them.</summary>
internal static class KnownMetrics
{
    private static readonly string[] Balancer = ["LoadBalancer"];

    private static readonly string[] Group = ["LoadBalancer", "TargetGroup"];

    private static readonly string[] Service = ["ClusterName", "ServiceName"];

    /// <summary>
    /// By namespace and name ("CloudWatch metrics for your Application Load Balancer", "Amazon ECS CloudWatch metrics", "Amazon ECS
    /// Container Insights metrics", "Amazon RDS CloudWatch metrics", "Amazon EventBridge metrics" of AWS). Where there are several sets of dimensions, each is a time series of its own.
    /// </summary>
    private static readonly Dictionary<string, string[][]> Aws = new(StringComparer.Ordinal)
    {
        ["AWS/ApplicationELB RequestCount"] = [Balancer, Group],
        ["AWS/ApplicationELB RejectedConnectionCount"] = [Balancer],
        ["AWS/ApplicationELB ActiveConnectionCount"] = [Balancer],
        ["AWS/ApplicationELB NewConnectionCount"] = [Balancer],
        ["AWS/ApplicationELB ProcessedBytes"] = [Balancer],
        ["AWS/ApplicationELB HTTP_Fixed_Response_Count"] = [Balancer],
        ["AWS/ApplicationELB HTTP_Redirect_Count"] = [Balancer],
        ["AWS/ApplicationELB HTTPCode_ELB_3XX_Count"] = [Balancer],
        ["AWS/ApplicationELB HTTPCode_ELB_4XX_Count"] = [Balancer],
        ["AWS/ApplicationELB HTTPCode_ELB_5XX_Count"] = [Balancer],
        ["AWS/ApplicationELB HTTPCode_ELB_500_Count"] = [Balancer],
        ["AWS/ApplicationELB HTTPCode_ELB_502_Count"] = [Balancer],
        ["AWS/ApplicationELB HTTPCode_ELB_503_Count"] = [Balancer],
        ["AWS/ApplicationELB HTTPCode_ELB_504_Count"] = [Balancer],
        ["AWS/ApplicationELB HTTPCode_Target_2XX_Count"] = [Balancer, Group],
        ["AWS/ApplicationELB HTTPCode_Target_3XX_Count"] = [Balancer, Group],
        ["AWS/ApplicationELB HTTPCode_Target_4XX_Count"] = [Balancer, Group],
        ["AWS/ApplicationELB HTTPCode_Target_5XX_Count"] = [Balancer, Group],
        ["AWS/ApplicationELB TargetResponseTime"] = [Balancer, Group],
        ["AWS/ApplicationELB TargetConnectionErrorCount"] = [Balancer, Group],
        ["AWS/ApplicationELB RequestCountPerTarget"] = [["TargetGroup"], Group],
        ["AWS/ApplicationELB HealthyHostCount"] = [Group],
        ["AWS/ApplicationELB UnHealthyHostCount"] = [Group],
        ["AWS/ApplicationELB UnhealthyRoutingRequestCount"] = [Group],
        ["AWS/ECS CPUUtilization"] = [["ClusterName"], Service],
        ["AWS/ECS MemoryUtilization"] = [["ClusterName"], Service],
        ["ECS/ContainerInsights RunningTaskCount"] = [Service],
        ["ECS/ContainerInsights DesiredTaskCount"] = [Service],
        ["ECS/ContainerInsights PendingTaskCount"] = [Service],
        ["ECS/ContainerInsights RestartCount"] = [Service],
        ["AWS/RDS CPUUtilization"] = [["DBInstanceIdentifier"]],
        ["AWS/RDS FreeableMemory"] = [["DBInstanceIdentifier"]],
        ["AWS/RDS FreeStorageSpace"] = [["DBInstanceIdentifier"]],
        ["AWS/RDS DatabaseConnections"] = [["DBInstanceIdentifier"]],
        ["AWS/Events TriggeredRules"] = [["RuleName"]],
        ["AWS/Events FailedInvocations"] = [["RuleName"]],
    };

    /// <summary>What is wrong with a metric and its dimensions; null if nothing is.</summary>
    public static string? Fault(AppliedState state, string space, string name, IReadOnlyDictionary<string, string> dimensions)
    {
        if (Sets(state, space, name) is not { } sets) return $"there is no metric {name} in {space}";
        if (!sets.Any(set => set.Order(StringComparer.Ordinal).SequenceEqual(dimensions.Keys.Order(StringComparer.Ordinal)))) return $"{name} is kept by {string.Join(" or ", sets.Select(set => string.Join(" and ", set)))}, not by {string.Join(" and ", dimensions.Keys)}";
        return dimensions.Where(dimension => !Exists(state, dimension.Key, dimension.Value)).Select(dimension => $"{dimension.Key} \"{dimension.Value}\" is nothing that this configuration makes").FirstOrDefault();
    }

    private static string[][]? Sets(AppliedState state, string space, string name)
    {
        if (space != state.GatewayMetrics.GetProperty("namespace").GetString()) return Aws.GetValueOrDefault($"{space} {name}");
        if (!state.GatewayMetrics.GetProperty("metrics").TryGetProperty(name, out var metric)) return null;
        var all = metric.GetProperty("dimensions").EnumerateArray().Select(dimension => dimension.GetString()!).ToArray();
        // The gateway writes each metric by Service alone and by all of its dimensions.
        return all.Length > 1 ? [["Service"], all] : [all];
    }

    private static bool Exists(AppliedState state, string dimension, string value) => dimension switch
    {
        "LoadBalancer" => state.Find("aws_lb", "arn_suffix", value) is not null,
        "TargetGroup" => state.Find("aws_lb_target_group", "arn_suffix", value) is not null,
        "ClusterName" => state.Find("aws_ecs_cluster", "name", value) is not null,
        "ServiceName" => state.Find("aws_ecs_service", "name", value) is not null,
        "DBInstanceIdentifier" => state.Find("aws_db_instance", "identifier", value) is not null,
        "RuleName" => state.Find("aws_cloudwatch_event_rule", "name", value) is not null,
        // By its setting, the gateway's name in its own metrics.
        "Service" => state.Services.Any(service => service.Settings.GetValueOrDefault("HOKUSAI_GATEWAY__TELEMETRYSERVICENAME") == value),
        _ => true,
    };
}
