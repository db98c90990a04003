using Hokusai.Contracts.Routing;

namespace Hokusai.Routes.Sources;

/// <summary>Conditions, actions and rewrites in words, the same in every verb.</summary>
internal static class RuleText
{
    public static string Of(RuleCondition condition) => $"{Field(condition)} {string.Join(", ", condition.Values)}";

    public static string Field(RuleCondition condition) => condition switch
    {
        PathCondition => "path",
        HostCondition => "host",
        MethodCondition => "method",
        SourceCondition => "source",
        HeaderCondition => "header",
        QueryCondition => "query",
        _ => condition.Field,
    };

    public static string Conditions(ListenerRule rule) => rule.Conditions.Count == 0 ? "none" : string.Join("; ", rule.Conditions.Select(Of));

    public static string Of(RuleAction action) => action switch
    {
        ForwardAction { Targets: [var one] } => one.Target,
        ForwardAction forward => string.Join(" + ", forward.Targets.Select(t => $"{t.Target} ({t.Weight})")),
        RedirectAction { Redirect: var to } => $"redirect {to.Status} to {to.Protocol}://{to.Host}:{to.Port}{to.Path}?{to.Query}",
        FixedResponseAction { Response: var answer } => $"fixed response {answer.Status} {answer.ContentType}",
        OtherAction other => other.Type,
        _ => action.ToString(),
    };

    public static string Action(RuleView rule) => string.Join(", then ", [.. rule.Before, Of(rule.Rule.Action)]);

    public static string Rewrite(ListenerRule rule) => string.Join("; ", Parts(rule));

    public static string Of(HealthCheck? check) => check is null ? "none" : string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{check.Path} every {check.Interval.TotalSeconds:0} s, {check.Timeout.TotalSeconds:0} s for an answer, {check.Matcher} is well, {check.UnhealthyThreshold} failures, {check.HealthyThreshold} successes");

    private static IEnumerable<string> Parts(ListenerRule rule)
    {
        if (rule.Rewrite is { } path) yield return $"path {path.Regex} to {path.Replace}";
        if (rule.HostRewrite is { } host) yield return $"host {host.Regex} to {host.Replace}";
    }
}
