using System.Text.Json;
using Hokusai.Contracts.Routing;

namespace Hokusai.Routes.Sources;

/// <summary>Reads target groups, their attributes and their targets as the AWS CLI writes them.</summary>
/// <remarks>Source: AWS, Elastic Load Balancing API reference 2015-12-01, types TargetGroup, TargetGroupAttribute and TargetHealthDescription.</remarks>
internal static class DescribedGroup
{
    private const string Delay = "deregistration_delay.timeout_seconds";

    /// <summary>Reads a group; what is odd about it but no reason to stop goes to the notes.</summary>
    public static GroupView Read(JsonElement group, List<string> notes)
    {
        var arn = group.Text("TargetGroupArn");
        var name = group.Text("TargetGroupName") ?? (arn is null ? throw new InvalidDataException("a target group has neither TargetGroupName nor TargetGroupArn") : DescribedRule.GroupName(arn));
        var checkPort = group.Text("HealthCheckPort");
        return new GroupView(new TargetGroup { Name = name, Port = group.Number("Port") ?? 0, Protocol = group.Text("Protocol") ?? "HTTP", HealthCheck = Check(name, group, notes) })
        {
            Arn = arn,
            TargetType = group.Text("TargetType"),
            CheckPort = checkPort is null or "traffic-port" ? null : group.Number("HealthCheckPort"),
        };
    }

    /// <summary>A group with what <c>describe-target-group-attributes</c> says of it.</summary>
    public static GroupView WithAttributes(GroupView group, JsonElement attributes)
    {
        var delay = attributes.Items("Attributes").FirstOrDefault(a => a.Text("Key") == Delay);
        return delay.ValueKind == JsonValueKind.Undefined ? group : group with { KnowsDelay = true, Group = group.Group with { DeregistrationDelay = TimeSpan.FromSeconds(delay.Number("Value") ?? 300) } };
    }

    /// <summary>The targets that <c>describe-target-health</c> tells of.</summary>
    public static IReadOnlyList<TargetState> Targets(JsonElement health) => [.. health.Items("TargetHealthDescriptions").Select(Target)];

    private static TargetState Target(JsonElement described)
    {
        var (target, state) = (described.Object("Target"), described.Object("TargetHealth"));
        return new TargetState(target?.Text("Id") ?? "unknown", target?.Number("Port") ?? 0, state?.Text("State") ?? "unknown", state?.Text("Reason"), state?.Text("Description"));
    }

    private static HealthCheck? Check(string name, JsonElement group, List<string> notes)
    {
        if (group.Flag("HealthCheckEnabled") == false) return null;
        var codes = group.Object("Matcher")?.Text("HttpCode") ?? "200";
        if (!StatusMatcher.TryParse(codes, out var matcher))
        {
            notes.Add($"target group {name}: the health check's matcher '{codes}' can't be read; it was judged as 200");
            matcher = StatusMatcher.TryParse("200", out var standard) ? standard : throw new InvalidDataException(codes);
        }
        return new HealthCheck(
            group.Text("HealthCheckPath") ?? "/",
            matcher,
            TimeSpan.FromSeconds(group.Number("HealthCheckIntervalSeconds") ?? 30),
            TimeSpan.FromSeconds(group.Number("HealthCheckTimeoutSeconds") ?? 5),
            group.Number("HealthyThresholdCount") ?? 5,
            group.Number("UnhealthyThresholdCount") ?? 2);
    }
}
