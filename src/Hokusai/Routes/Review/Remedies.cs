using System.Globalization;
using Hokusai.Contracts.Routing;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Review;

/// <summary>Writes a change as whoever owns the routing makes it: in the routes file, in Terraform, or by the AWS CLI.</summary>
internal sealed class Remedies(RoutingSource source)
{
    /// <summary>A network that everybody replaces by his own (RFC 5737).</summary>
    public const string ExampleNetwork = "192.0.2.0/24";

    /// <summary>Whether a change is a call of the AWS CLI.</summary>
    public bool IsAws => source.Form == SourceForm.Aws;

    /// <summary>A rule forwards to another group.</summary>
    public string SetTarget(RuleView rule, string group) => IsAws
        ? ShellText.Aws([.. Words("modify-rule", "--rule-arn", ArnOf(rule), "--actions", Forward(group)), .. rule.Rule.Rewrite is null && rule.Rule.HostRewrite is null ? Array.Empty<string>() : ["--reset-transforms"]])
        : Edit($"{Name(rule)}: set \"target\": \"{group}\"{(rule.Rule.Rewrite is null ? "" : " and leave its rewrite out")}", $"{Name(rule)}: forward to {Name(group)}");

    /// <summary>A rule gets another condition beside those it has.</summary>
    public string AddSources(RuleView rule) => IsAws
        ? ShellText.Aws("modify-rule", "--rule-arn", ArnOf(rule), "--conditions", AwsJson.Of(rule.Rule.Conditions.Append(new SourceCondition([System.Net.IPNetwork.Parse(ExampleNetwork)])))) + $" (your networks in place of {ExampleNetwork})"
        : Edit($"{Name(rule)}: set \"direct_access\": true, and give the networks to direct access", $"{Name(rule)}: add condition {{ source_ip {{ values = [\"{ExampleNetwork}\"] }} }} (your networks)");

    /// <summary>A rule's path patterns are replaced.</summary>
    public string SetPaths(RuleView rule, IReadOnlyList<string> paths) => IsAws
        ? ShellText.Aws("modify-rule", "--rule-arn", ArnOf(rule), "--conditions", AwsJson.Of(rule.Rule.Conditions.Select(c => c is PathCondition ? new PathCondition(paths) : c)))
        : Edit($"{Name(rule)}: set \"paths\": [{Quoted(paths)}]", $"{Name(rule)}: set path_pattern {{ values = [{Quoted(paths)}] }}");

    /// <summary>A rule gets a rewrite of its path.</summary>
    public string SetRewrite(RuleView rule, RewriteTransform rewrite) => IsAws
        ? ShellText.Aws("modify-rule", "--rule-arn", ArnOf(rule), "--transforms", AwsJson.Of(rewrite))
        : Edit($"{Name(rule)}: set \"rewrite\": {{ \"regex\": \"{rewrite.Regex}\", \"replace\": \"{rewrite.Replace}\" }}", $"{Name(rule)}: add transform {{ type = \"url-rewrite\" url_rewrite_config {{ rewrite {{ regex = \"{rewrite.Regex}\" replace = \"{rewrite.Replace}\" }} }} }}");

    /// <summary>A new rule.</summary>
    public string Create(ListenerView listener, int priority, IReadOnlyList<RuleCondition> conditions, RuleAction action, RewriteTransform? rewrite = null)
    {
        if (IsAws)
        {
            return ShellText.Aws([.. Words("create-rule", "--listener-arn", listener.Arn ?? $"ARN-OF-{listener.Name}", "--priority", Text(priority), "--conditions", AwsJson.Of(conditions), "--actions"), .. Actions(action),
                .. rewrite is null ? [] : Words("--transforms", AwsJson.Of(rewrite))]);
        }
        var what = $"a rule with priority {priority}, {string.Join(" and ", conditions.Select(RuleText.Of))}, to {RuleText.Of(action)}{(rewrite is null ? "" : $", path {rewrite.Regex} rewritten to {rewrite.Replace}")}";
        return Edit($"add {what}", $"add {what} to {listener.Name}");
    }

    /// <summary>A rule is tried earlier or later.</summary>
    public string SetPriority(RuleView rule, int priority) => IsAws
        ? ShellText.Aws("set-rule-priorities", "--rule-priorities", $"RuleArn={ArnOf(rule)},Priority={Text(priority)}")
        : Edit($"{Name(rule)}: set \"priority\": {priority}", $"{Name(rule)}: set priority = {priority}");

    /// <summary>A rule goes.</summary>
    public string Delete(RuleView rule) => IsAws ? ShellText.Aws("delete-rule", "--rule-arn", ArnOf(rule)) : Edit($"take {Name(rule)} out", $"take {Name(rule)} out");

    /// <summary>A listener gets another default.</summary>
    public string SetDefault(ListenerView listener, RuleAction action) => IsAws
        ? ShellText.Aws([.. Words("modify-listener", "--listener-arn", listener.Arn ?? $"ARN-OF-{listener.Name}", "--default-actions"), .. Actions(action)])
        : Edit($"set \"default\" to {RuleText.Of(action)}", $"{listener.Name}: set default_action to {RuleText.Of(action)}");

    /// <summary>Settings of a target group: names as the AWS CLI, as Terraform and as the routes file have them, with the value.</summary>
    public string SetGroup(string group, string option, string argument, string field, string value) => IsAws
        ? ShellText.Aws("modify-target-group", "--target-group-arn", ArnOf(group), option, value)
        : Edit($"target '{group}': set \"{field}\": {(int.TryParse(value, out _) ? value : $"\"{value}\"")}", $"{Name(group)}: set {argument} = {(int.TryParse(value, out _) || value is "true" ? value : $"\"{value}\"")}");

    /// <summary>A target group's deregistration delay.</summary>
    public string SetDelay(string group, int seconds) => IsAws
        ? ShellText.Aws("modify-target-group-attributes", "--target-group-arn", ArnOf(group), "--attributes", $"Key=deregistration_delay.timeout_seconds,Value={Text(seconds)}")
        : Edit($"target '{group}': set \"deregistration_delay_seconds\": {seconds}", $"{Name(group)}: set deregistration_delay = {seconds}");

    /// <summary>A target group goes.</summary>
    public string DeleteGroup(string group) => IsAws ? ShellText.Aws("delete-target-group", "--target-group-arn", ArnOf(group)) : Edit($"take target '{group}' out", $"take {Name(group)} out");

    /// <summary>A call that only looks.</summary>
    public string LookAtTargets(string group) => ShellText.Aws("describe-target-health", "--target-group-arn", ArnOf(group));

    /// <summary>The highest priority that is free before one; null if there is none.</summary>
    public static int? FreeBefore(ListenerView listener, int priority) => Enumerable.Range(1, priority - 1).Reverse().Cast<int?>().FirstOrDefault(p => listener.Rules.All(r => r.Rule.Priority != p));

    /// <summary>The lowest priority that is free after one.</summary>
    public static int FreeAfter(ListenerView listener, int priority) => Enumerable.Range(priority + 1, listener.Rules.Count + 1).First(p => listener.Rules.All(r => r.Rule.Priority != p));

    private static string[] Words(params string[] words) => words;

    private string Name(RuleView rule) => source.Form == SourceForm.TerraformState && rule.Arn is { } address ? address : $"rule '{rule.Rule.Name}'";

    private string Name(string group) => source.Groups.GetValueOrDefault(group)?.Address ?? group;

    private static string Quoted(IEnumerable<string> texts) => string.Join(", ", texts.Select(t => $"\"{t}\""));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string ArnOf(RuleView rule) => rule.Arn ?? $"ARN-OF-RULE-{Text(rule.Rule.Priority)}";

    private string ArnOf(string group) => source.ArnOf(group) ?? $"ARN-OF-{group}";

    private string Forward(string group) => $"Type=forward,TargetGroupArn={ArnOf(group)}";

    private IEnumerable<string> Actions(RuleAction action) => action switch
    {
        ForwardAction { Targets: [var one] } => [Forward(one.Target)],
        ForwardAction forward => [AwsJson.Of(forward.Targets.Select(t => (ArnOf(t.Target), t.Weight)))],
        RedirectAction { Redirect: var to } => [AwsJson.Of(to)],
        FixedResponseAction { Response: var answer } => [$"Type=fixed-response,FixedResponseConfig={{StatusCode={Text(answer.Status)},ContentType={answer.ContentType}}}"],
        _ => [$"Type={RuleText.Of(action)}"],
    };

    private string Edit(string inRoutes, string inTerraform) => source.Form == SourceForm.RoutesFile ? $"in the routes file, {inRoutes}" : $"in Terraform, {inTerraform}";
}
