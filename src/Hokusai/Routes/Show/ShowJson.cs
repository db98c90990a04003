using System.Text.Json.Nodes;
using Hokusai.Contracts.Routing;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Show;

/// <summary>Listeners and target groups as JSON.</summary>
internal static class ShowJson
{
    public static JsonObject Of(RoutingSource source) => new()
    {
        ["listeners"] = RoutesOutput.Array(source.Listeners.Select(Listener)),
        ["target_groups"] = RoutesOutput.Array(source.Groups.Values.Select(Group)),
        ["notes"] = RoutesOutput.Array(source.Notes),
    };

    private static JsonObject Listener(ListenerView listener) => new()
    {
        ["name"] = listener.Name,
        ["arn"] = listener.Arn,
        ["port"] = listener.Port,
        ["protocol"] = listener.Protocol,
        ["rules"] = RoutesOutput.Array(listener.Rules.Select(Rule)),
        ["off"] = RoutesOutput.Array(listener.Off.Select(Off)),
        ["default"] = RuleText.Of(listener.Default),
    };

    private static JsonObject Rule(RuleView rule) => new()
    {
        ["priority"] = rule.Rule.Priority,
        ["name"] = rule.Rule.Name,
        ["arn"] = rule.Arn,
        ["conditions"] = RoutesOutput.Array(rule.Rule.Conditions.Select(c => new JsonObject { ["field"] = c.Field, ["values"] = RoutesOutput.Array(c.Values) })),
        ["action"] = RuleText.Action(rule),
        ["targets"] = RoutesOutput.Array(rule.Rule.Action.TargetNames),
        ["rewrite"] = Rewrite(rule.Rule.Rewrite),
        ["host_rewrite"] = Rewrite(rule.Rule.HostRewrite),
    };

    private static JsonObject Off(RouteRule rule) => new()
    {
        ["priority"] = rule.Priority,
        ["name"] = rule.Name,
        ["paths"] = RoutesOutput.Array(rule.Paths ?? []),
        ["targets"] = RoutesOutput.Array(rule.TargetNames),
        ["rewrite"] = Rewrite(rule.Rewrite),
    };

    private static JsonObject? Rewrite(RewriteTransform? rewrite) => rewrite is null ? null : new JsonObject { ["regex"] = rewrite.Regex, ["replace"] = rewrite.Replace };

    private static JsonObject Group(GroupView view) => new()
    {
        ["name"] = view.Group.Name,
        ["arn"] = view.Arn,
        ["protocol"] = view.Group.Protocol,
        ["port"] = view.Group.Port == 0 ? null : view.Group.Port,
        ["health_check"] = view.Group.HealthCheck is { } check ? Check(check) : null,
        ["health_check_known"] = view.KnowsCheck,
        ["deregistration_delay_seconds"] = view.KnowsDelay ? (int)view.Group.DeregistrationDelay.TotalSeconds : null,
        ["targets"] = view.Targets is null ? null : RoutesOutput.Array(view.Targets.Select(t => new JsonObject { ["id"] = t.Id, ["port"] = t.Port, ["state"] = t.State, ["reason"] = t.Reason, ["description"] = t.Description })),
    };

    private static JsonObject Check(HealthCheck check) => new()
    {
        ["path"] = check.Path,
        ["matcher"] = check.Matcher.Text,
        ["interval_seconds"] = (int)check.Interval.TotalSeconds,
        ["timeout_seconds"] = (int)check.Timeout.TotalSeconds,
        ["healthy_threshold"] = check.HealthyThreshold,
        ["unhealthy_threshold"] = check.UnhealthyThreshold,
    };
}
