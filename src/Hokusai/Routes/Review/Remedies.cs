using System.Globalization;
using Hokusai.Contracts.Routing;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Review;

/// <summary>Writes a change as whoever owns the routing makes it: in the routes file, in Terraform, or by the AWS CLI.</summary>
internal sealed class Remedies(RoutingSource source)
{
    /// <summary>A network that everybody replaces by his own (RFC 5737).</summary>
    public const string ExampleNetwork = "192.0.2.0/24";

    // Changes are made one after another: what one of them gave a rule the next must not take away, and no priority is free twice.
    private readonly Dictionary<RuleView, IReadOnlyList<RuleCondition>> _mended = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<(ListenerView, int)> _taken = [];
    private readonly Dictionary<RuleView, int> _moved = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether a change is a call of the AWS CLI.</summary>
    public bool IsAws => source.Form == SourceForm.Aws;

    /// <summary>A rule forwards to another group.</summary>
    public string SetTarget(RuleView rule, string group) => IsAws
        ? ShellText.Aws([.. Words("modify-rule", "--rule-arn", ArnOf(rule), "--actions", Forward(group)), .. rule.Rule.Rewrite is null && rule.Rule.HostRewrite is null ? Array.Empty<string>() : ["--reset-transforms"]])
        : Edit($"{Name(rule)}: set \"target\": \"{group}\"{(rule.Rule.Rewrite is null ? "" : " and leave its rewrite out")}", $"{Name(rule)}: forward to {Name(group)}");

    /// <summary>A rule may be used from some networks only.</summary>
    public string AddSources(RuleView rule) => IsAws
        ? ShellText.Aws("modify-rule", "--rule-arn", ArnOf(rule), "--conditions", AwsJson.Of(_mended[rule] = [.. ConditionsOf(rule), new SourceCondition([System.Net.IPNetwork.Parse(ExampleNetwork)])])) + YourNetworks
        : Edit($"{Name(rule)}: set \"direct_access\": true, and give the networks to direct access", $"{Name(rule)}: add condition {{ source_ip {{ values = [\"{ExampleNetwork}\"] }} }} (your networks)");

    /// <summary>A rule's path patterns are replaced.</summary>
    public string SetPaths(RuleView rule, IReadOnlyList<string> paths) => IsAws
        ? ShellText.Aws("modify-rule", "--rule-arn", ArnOf(rule), "--conditions", AwsJson.Of(_mended[rule] = [.. ConditionsOf(rule).Select(c => c is PathCondition ? new PathCondition(paths) : c)])) + (ConditionsOf(rule).Except(rule.Rule.Conditions).OfType<SourceCondition>().Any() ? YourNetworks : "")
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
    public string SetPriority(RuleView rule, int priority)
    {
        // Two findings may ask for the same move: it is made once.
        if (!_moved.TryAdd(rule, priority)) priority = _moved[rule];
        return IsAws
            ? ShellText.Aws("set-rule-priorities", "--rule-priorities", $"RuleArn={ArnOf(rule)},Priority={Text(priority)}")
            : Edit($"{Name(rule)}: set \"priority\": {priority}", $"{Name(rule)}: set priority = {priority}");
    }

    /// <summary>A rule goes.</summary>
    public string Delete(RuleView rule) => IsAws ? ShellText.Aws("delete-rule", "--rule-arn", ArnOf(rule)) : Edit($"take {Name(rule)} out", $"take {Name(rule)} out");

    /// <summary>A listener gets another default.</summary>
    public string SetDefault(ListenerView listener, RuleAction action) => IsAws
        ? ShellText.Aws([.. Words("modify-listener", "--listener-arn", listener.Arn ?? $"ARN-OF-{listener.Name}", "--default-actions"), .. Actions(action)])
        : Edit($"set \"default\" to {RuleText.Of(action)}", $"{listener.Name}: set default_action to {RuleText.Of(action)}");

    /// <summary>Settings of a target group: names as the AWS CLI, as Terraform and as the routes file have them, with the value.</summary>
    public string SetGroup(string group, params IReadOnlyList<GroupSetting> settings) => IsAws
        ? ShellText.Aws([.. Words("modify-target-group", "--target-group-arn", ArnOf(group)), .. settings.SelectMany(s => s.Value.Length > 0 ? Words(s.Option, s.Value) : [s.Option])])
        : Edit($"target '{group}': set {string.Join(", ", settings.Where(s => s.Value.Length > 0).Select(s => $"{s.Field} to {s.Value}"))}", $"{Name(group)}: set {string.Join(", ", settings.Where(s => s.Value.Length > 0).Select(s => $"{s.Argument} = {s.Value}"))}");

    /// <summary>A target group's deregistration delay.</summary>
    public string SetDelay(string group, int seconds) => IsAws
        ? ShellText.Aws("modify-target-group-attributes", "--target-group-arn", ArnOf(group), "--attributes", $"Key=deregistration_delay.timeout_seconds,Value={Text(seconds)}")
        : Edit($"target '{group}': set \"deregistration_delay_seconds\": {seconds}", $"{Name(group)}: set deregistration_delay = {seconds}");

    /// <summary>A target group goes.</summary>
    public string DeleteGroup(string group) => IsAws ? ShellText.Aws("delete-target-group", "--target-group-arn", ArnOf(group)) : Edit($"take target '{group}' out", $"take {Name(group)} out");

    /// <summary>A call that only looks.</summary>
    public string LookAtTargets(string group) => ShellText.Aws("describe-target-health", "--target-group-arn", ArnOf(group));

    /// <summary>What a rule asks for, with what was added to it so far.</summary>
    public IReadOnlyList<RuleCondition> ConditionsOf(RuleView rule) => _mended.GetValueOrDefault(rule) ?? rule.Rule.Conditions;

    /// <summary>Takes the highest priority that is free before one; null if there is none.</summary>
    public int? TakeBefore(ListenerView listener, int priority)
    {
        for (var free = priority - 1; free > 0; free--)
        {
            if (Take(listener, free)) return free;
        }
        return null;
    }

    /// <summary>Takes the lowest priority that is free from one on.</summary>
    public int TakeFrom(ListenerView listener, int priority)
    {
        while (!Take(listener, priority)) priority++;
        return priority;
    }

    private static string YourNetworks => $" # your networks in place of {ExampleNetwork}";

    private bool Take(ListenerView listener, int priority) => listener.Rules.All(r => r.Rule.Priority != priority) && _taken.Add((listener, priority));

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

/// <summary>A setting of a target group under the name that each tool has for it.</summary>
/// <param name="Option">Option of <c>aws elbv2 modify-target-group</c>.</param>
/// <param name="Argument">Argument of Terraform's <c>aws_lb_target_group</c>.</param>
/// <param name="Field">Field of the routes file.</param>
/// <param name="Value">The value; empty for an option without one.</param>
internal sealed record GroupSetting(string Option, string Argument, string Field, string Value)
{
    /// <summary>The path that only says whether the process answers. A deeper check lets one outage end every task.</summary>
    public const string HealthPath = "/health";

    public static readonly GroupSetting Path = Check("--health-check-path", "path", "path", HealthPath);
    public static readonly GroupSetting Enabled = new("--health-check-enabled", "", "", "");
    public static readonly GroupSetting Port = Check("--health-check-port", "port", "port", "traffic-port");
    public static readonly GroupSetting Interval = Check("--health-check-interval-seconds", "interval", "interval_seconds", "10");
    public static readonly GroupSetting Timeout = Check("--health-check-timeout-seconds", "timeout", "timeout_seconds", "5");
    public static readonly GroupSetting Failures = Check("--unhealthy-threshold-count", "unhealthy_threshold", "unhealthy_threshold", "2");

    /// <summary>The CLI's short form has the member's name in it.</summary>
    public static GroupSetting Matcher(bool isAws) => Check("--matcher", "matcher", "matcher", isAws ? "HttpCode=200" : "200");

    private static GroupSetting Check(string option, string argument, string field, string value) => new(option, $"health_check.{argument}", $"health_check.{field}", value);
}
