using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>Rules of EventBridge take the events that they are for, and no others: tasks that end by themselves, and new passwords of databases.</summary>
internal static class EventPolicies
{
    /// <summary>Why tasks end ("Amazon ECS stopped task error messages" of AWS), and whether that is a fault.</summary>
    private static readonly (string StopCode, string Reason, bool Fault)[] Stops =
    [
        ("EssentialContainerExited", "Essential container in task exited", true),
        ("TaskFailedToStart", "ResourceInitializationError: unable to pull secrets or registry auth", true),
        ("ServiceSchedulerInitiated", "Task failed container health checks", true),
        ("ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/x/0123456789abcdef)", true),
        ("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/0123456789012345678)", false),
        ("UserInitiated", "Task stopped by user", false),
    ];

    public static IEnumerable<PolicyFinding> Check(AppliedState state)
    {
        var rules = state.Of("aws_cloudwatch_event_rule").Select(rule => (rule.Address, Pattern: JsonSerializer.Deserialize<JsonElement>(rule.Text("event_pattern")))).ToList();
        foreach (var service in state.Services)
        {
            var own = rules.Where(rule => Stops.Any(stop => EventPattern.Takes(rule.Pattern, Stop(service, service.Service.Text("name"), stop.StopCode, stop.Reason)))).ToList();
            if (own.Count != 1)
            {
                yield return new PolicyFinding(service.Service.Address, $"{own.Count} rules take the ends of its tasks", "count them by one rule");
                continue;
            }
            foreach (var stop in Stops.Where(stop => EventPattern.Takes(own[0].Pattern, Stop(service, service.Service.Text("name"), stop.StopCode, stop.Reason)) != stop.Fault))
                yield return new PolicyFinding(own[0].Address, $"it {(stop.Fault ? "does not count" : "counts")} tasks that end with {stop.StopCode}, \"{stop.Reason}\"", "count faults, and nothing that a deployment or a person does");
            if (EventPattern.Takes(own[0].Pattern, Stop(service, "another", Stops[0].StopCode, Stops[0].Reason))) yield return new PolicyFinding(own[0].Address, "it counts other services' tasks", "name the group");
        }
        foreach (var database in state.Of("aws_db_instance"))
        {
            var secret = database.Blocks("master_user_secret").Select(made => made.Text("secret_arn")).Single();
            if (rules.Count(rule => EventPattern.Takes(rule.Pattern, Label(secret, "AWSCURRENT"))) != 1)
                yield return new PolicyFinding(database.Address, "no rule, or several, take the event of its new password", "match \"Secret Label Updated\" for AWSCURRENT of its secret");
            foreach (var rule in rules.Where(rule => EventPattern.Takes(rule.Pattern, Label(secret, "another-label")) || EventPattern.Takes(rule.Pattern, Label(secret + "x", "AWSCURRENT"))))
                yield return new PolicyFinding(rule.Address, "it takes labels or secrets that are not the new password", "match AWSCURRENT of one secret");
        }
    }

    private static JsonElement Stop(ServiceView service, string name, string code, string reason) => JsonSerializer.SerializeToElement(new JsonObject
    {
        ["source"] = "aws.ecs",
        ["detail-type"] = "ECS Task State Change",
        ["resources"] = new JsonArray("arn:aws:ecs:eu-central-1:111122223333:task/x/0123456789abcdef"),
        ["detail"] = new JsonObject { ["clusterArn"] = service.Service.Text("cluster"), ["group"] = $"service:{name}", ["lastStatus"] = "STOPPED", ["stopCode"] = code, ["stoppedReason"] = reason },
    });

    // "Secret Label Updated event" in the user guide of Secrets Manager.
    private static JsonElement Label(string secret, string label) => JsonSerializer.SerializeToElement(new JsonObject
    {
        ["source"] = "aws.secretsmanager",
        ["detail-type"] = "Secret Label Updated",
        ["resources"] = new JsonArray(secret),
        ["detail"] = new JsonObject { ["name"] = "x", ["labelUpdated"] = label, ["versionId"] = "00000000-0000-0000-0000-000000000000" },
    });
}
