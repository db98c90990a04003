using System.Globalization;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Review;

/// <summary>Target groups that nothing uses, and targets that do not answer.</summary>
internal static class TargetFindings
{
    public static IEnumerable<Finding> Of(ReviewInput input)
    {
        var used = input.Source.Listeners.SelectMany(l => l.Rules.SelectMany(r => r.Rule.Action.TargetNames).Concat(l.Default.TargetNames).Concat(l.Off.SelectMany(r => r.TargetNames))).ToHashSet();
        foreach (var group in input.Source.Groups.Values)
        {
            var at = $"target group {group.Group.Name}";
            if (!used.Contains(group.Group.Name))
                yield return new(Severity.Warning, "unused-group", at, "is used by no rule", "its targets are not even checked: the load balancer calls them unused", input.Roles.Of(group.Group.Name) == Role.Unknown ? input.Remedies.DeleteGroup(group.Group.Name) : $"a rule for {Roles.Word(input.Roles.Of(group.Group.Name))} is missing, or the group is a left-over: {input.Remedies.DeleteGroup(group.Group.Name)}");
            else if (group.Targets is { } targets) foreach (var finding in OfTargets(group, targets, at, input)) yield return finding;
        }
    }

    private static IEnumerable<Finding> OfTargets(GroupView group, IReadOnlyList<TargetState> targets, string at, ReviewInput input)
    {
        var name = group.Group.Name;
        if (targets.Count == 0)
        {
            yield return new(Severity.Error, "empty-group", at, "has no targets", "every request to it is answered 503 by the load balancer", $"the ECS service must name this target group and have a running task: 'aws ecs describe-services' tells why it has none; {input.Remedies.LookAtTargets(name)} shows when it has");
            yield break;
        }
        var sick = targets.Where(t => t.State.StartsWith("unhealthy", StringComparison.Ordinal)).ToList();
        // A group whose checks are off, or whose targets are still new, has none that is healthy and is well.
        if (sick.Count > 0 && !targets.Any(t => t.State is "healthy" or "unavailable"))
            yield return new(Severity.Error, "no-healthy-target", at, "has no healthy target", $"{Described(sick)}; the load balancer then sends requests to all of them (fail open)", Look(group, sick, input));
        else if (sick.Count > 0)
            yield return new(Severity.Warning, "unhealthy-target", at, $"has {sick.Count} unhealthy of {targets.Count} targets", Described(sick), Look(group, sick, input));
        var moving = targets.Where(t => t.State is "initial" or "draining" or "unused").ToList();
        if (moving.Count > 0) yield return new(Severity.Information, "moving-target", at, $"has {moving.Count} of {targets.Count} targets that come or go", Described(moving), $"{input.Remedies.LookAtTargets(name)} again when the deployment is over");
        // On instances each task may have a port of its own.
        var odd = targets.Where(t => t.Port != 0 && group.Group.Port != 0 && t.Port != group.Group.Port).ToList();
        if (odd.Count > 0 && group.TargetType != "instance")
            yield return new(Severity.Warning, "port-mismatch", at, $"is for port {group.Group.Port.ToString(CultureInfo.InvariantCulture)}, and targets are registered with another", Described(odd), string.Join('\n', odd.Select(t => ShellText.Aws("deregister-targets", "--target-group-arn", group.Arn ?? name, "--targets", $"Id={t.Id},Port={t.Port}"))));
    }

    private static string Described(IEnumerable<TargetState> targets) => string.Join("; ", targets.Select(t => $"{t.Id}:{t.Port.ToString(CultureInfo.InvariantCulture)} {t.State}{(t.Reason is null ? "" : $", {t.Reason}")}{(t.Description is null ? "" : $" ({t.Description})")}"));

    private static string Look(GroupView group, List<TargetState> sick, ReviewInput input) => sick[0].Reason switch
    {
        "Target.Timeout" => $"let the load balancer's security group through to port {group.CheckPort ?? group.Group.Port} of the tasks, or find out why they don't answer {group.Group.HealthCheck?.Path}",
        "Target.ResponseCodeMismatch" when group.Group.HealthCheck is { Path: not GroupSetting.HealthPath } => input.Remedies.SetGroup(group.Group.Name, GroupSetting.Path),
        _ => $"ask the target itself: curl http://{sick[0].Id}:{sick[0].Port}{group.Group.HealthCheck?.Path}, and read its log",
    };
}
