using System.Globalization;
using Hokusai.Contracts.Routing;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Review;

/// <summary>What is wrong with how target groups are checked and emptied.</summary>
internal static class HealthFindings
{
    private static readonly TimeSpan SlowestDetection = TimeSpan.FromSeconds(60);

    // The shortest leaves the gateway's total deadline of 30 s for what runs; the longest is what each task of a deployment waits.
    private static readonly TimeSpan ShortestDelay = TimeSpan.FromSeconds(30), LongestDelay = TimeSpan.FromSeconds(120);

    public static IEnumerable<Finding> Of(RoutingSource source, Roles roles)
    {
        var remedies = new Remedies(source);
        foreach (var group in source.Groups.Values.Where(g => g.TargetType != "lambda"))
        {
            if (group.KnowsCheck) foreach (var finding in OfCheck(group, roles.Of(group.Group.Name), remedies)) yield return finding;
            if (group.KnowsDelay) foreach (var finding in OfDelay(group.Group, roles.Of(group.Group.Name), remedies)) yield return finding;
        }
    }

    private static IEnumerable<Finding> OfCheck(GroupView view, Role role, Remedies remedies)
    {
        var name = view.Group.Name;
        var at = $"target group {name}";
        if (view.Group.HealthCheck is not { } check)
        {
            yield return new(Severity.Warning, "health-check-missing", at, "has no health check of its own", "requests go on to targets that do not answer", remedies.SetGroup(name, GroupSetting.Enabled, GroupSetting.Path));
            yield break;
        }
        if (role != Role.Unknown && check.Path != GroupSetting.HealthPath)
            yield return new(Severity.Warning, "health-check-path", at, $"is checked at {check.Path}", role == Role.Api ? "the gateway asks for a key there, or fails whenever MLflow does" : $"{Roles.Word(role)} answers {GroupSetting.HealthPath} without a key and without asking anybody else", remedies.SetGroup(name, GroupSetting.Path));
        if (((int[])[301, 400, 401, 403, 404]).Where(check.Matcher.Matches).Select(s => s.ToString(CultureInfo.InvariantCulture)).ToList() is { Count: > 0 } odd)
            yield return new(Severity.Warning, "health-check-matcher", at, $"takes {check.Matcher} as well", $"a target that answers {string.Join(", ", odd)} counts as healthy", remedies.SetGroup(name, GroupSetting.Matcher(remedies.IsAws)));
        if (check.Timeout >= check.Interval)
            yield return new(Severity.Error, "health-check-timeout", at, $"waits {Seconds(check.Timeout)} for an answer and asks every {Seconds(check.Interval)}", "the load balancer refuses a timeout that is not below the interval", remedies.SetGroup(name, GroupSetting.Interval, GroupSetting.Timeout));
        if (check.Interval * check.UnhealthyThreshold > SlowestDetection)
            yield return new(Severity.Warning, "health-check-slow", at, $"finds a dead target after {Seconds(check.Interval * check.UnhealthyThreshold)}", $"{check.UnhealthyThreshold} failures, one every {Seconds(check.Interval)}; until then its share of the requests fails", remedies.SetGroup(name, GroupSetting.Interval, GroupSetting.Timeout, GroupSetting.Failures));
        if (view.CheckPort is { } port && port != view.Group.Port && view.Group.Port != 0)
            yield return new(Severity.Warning, "health-check-port", at, $"is checked at port {port}, and requests go to {view.Group.Port}", "a target whose service is gone counts as healthy while the other port answers", remedies.SetGroup(name, GroupSetting.Port));
    }

    private static IEnumerable<Finding> OfDelay(TargetGroup group, Role role, Remedies remedies)
    {
        if (role == Role.Unknown) yield break;
        var at = $"target group {group.Name}";
        if (group.DeregistrationDelay > LongestDelay)
            yield return new(Severity.Warning, "deregistration-delay", at, $"waits {Seconds(group.DeregistrationDelay)} before a target is taken out", "each deployment takes that much longer for every task in turn; 300 s is what AWS sets if nothing is said", remedies.SetDelay(group.Name, 60));
        if (group.DeregistrationDelay < ShortestDelay)
            yield return new(Severity.Warning, "deregistration-delay", at, $"waits {Seconds(group.DeregistrationDelay)} before a target is taken out", $"requests that run longer are cut and answered 502; the gateway gives one up to {Seconds(ShortestDelay)}", remedies.SetDelay(group.Name, 60));
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s");
}
