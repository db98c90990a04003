using System.Text.Json;
using Hokusai.Contracts.Routing;
using Hokusai.Edge;

namespace Hokusai.Routes.Sources;

/// <summary>Joins the resources of a state to listeners: rules by their listener's ARN, actions by their target groups' ARNs.</summary>
internal sealed class StateReader(IReadOnlyList<StateResource> resources)
{
    private readonly List<string> _remarks = [];
    private readonly Dictionary<string, string> _groupNames = new(StringComparer.Ordinal);

    public TerraformState Read()
    {
        var groups = Groups();
        return new TerraformState { Listeners = Listeners(), TargetGroups = groups, Remarks = _remarks };
    }

    // "aws_alb" is the provider's second word for "aws_lb".
    private IEnumerable<StateResource> OfType(string type) => resources.Where(r => r.Type.Replace("aws_alb", "aws_lb", StringComparison.Ordinal) == type).DistinctBy(r => StateValue.Text(r.Values, "arn") ?? r.Address);

    private List<StateTargetGroup> Groups()
    {
        var found = OfType("aws_lb_target_group").ToList();
        var keys = found.Select(r => r.Key).OfType<string>().GroupBy(k => k).Where(g => g.Count() == 1).Select(g => g.Key).ToHashSet();
        var groups = new List<StateTargetGroup>();
        foreach (var resource in found)
        {
            var (arn, awsName) = (resource.Required("arn"), StateValue.Text(resource.Values, "name") ?? resource.Address);
            string?[] names = [resource.Key is { } key && keys.Contains(key) ? key : null, awsName, arn];
            var name = names.OfType<string>().First(n => !_groupNames.ContainsValue(n));
            _groupNames.Add(arn, name);
            groups.Add(new StateTargetGroup(StateGroup.Read(name, resource, _remarks), arn, awsName, StateValue.Text(resource.Values, "target_type") ?? "instance", resource.Address));
        }
        return groups;
    }

    private List<StateListener> Listeners()
    {
        var balancers = OfType("aws_lb").Where(r => StateValue.Text(r.Values, "arn") is not null).ToDictionary(r => r.Required("arn"), Balancer);
        var rules = OfType("aws_lb_listener_rule").GroupBy(r => r.Required("listener_arn")).ToDictionary(g => g.Key, g => g.Select(Rule).OrderBy(r => r.Rule.Priority).ToList());
        var listeners = OfType("aws_lb_listener").Select(r => new StateListener(
            r.Required("arn"),
            StateValue.Number(r.Values, "port"),
            StateValue.Text(r.Values, "protocol") ?? "HTTP",
            StateValue.Text(r.Values, "load_balancer_arn") is { } balancer && balancers.TryGetValue(balancer, out var found) ? found : Unknown,
            Action(r, "default_action"),
            rules.Remove(r.Required("arn"), out var own) ? own : [])).ToList();
        // Rules that were added to a listener of someone else's, whose ARN is all that is known.
        listeners.AddRange(rules.Select(r => new StateListener(r.Key, null, "", Unknown, new OtherAction("unknown, the state does not hold the listener"), r.Value)));
        return listeners;
    }

    private static StateLoadBalancer Unknown => new("", DefaultIdle);

    private static TimeSpan DefaultIdle => TimeSpan.FromSeconds(60);

    private StateLoadBalancer Balancer(StateResource resource)
    {
        var values = resource.Values;
        var mode = StateValue.Text(values, "xff_header_processing_mode");
        if (StateValue.Text(values, "desync_mitigation_mode") is "monitor") _remarks.Add($"{resource.Address}: desync_mitigation_mode 'monitor' lets malformed requests pass; here they are refused");
        return new StateLoadBalancer(
            resource.Required("arn"),
            StateValue.Number(values, "idle_timeout") is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultIdle,
            Enum.TryParse<ForwardedForMode>(mode, ignoreCase: true, out var known) ? known : ForwardedForMode.Append,
            StateValue.Flag(values, "enable_xff_client_port") ?? false,
            StateValue.Flag(values, "preserve_host_header") ?? false,
            StateValue.Flag(values, "drop_invalid_header_fields") ?? false);
    }

    private StateRule Rule(StateResource resource)
    {
        var tags = StateValue.Block(resource.Values, "tags");
        var priority = StateValue.Number(resource.Values, "priority") ?? throw new InvalidDataException($"{resource.Address} has no priority");
        // One loop over the rules of two listeners needs keys such as https/mlflow-api, or https/10 with the name in a tag: the rule is the same at both.
        var key = resource.Key?.Split('/')[^1];
        var tag = tags is { } t ? StateValue.Text(t, "Name")?.Split('/')[^1] : null;
        var name = (key?.All(char.IsAsciiDigit) == true ? tag ?? key : key ?? tag) ?? resource.Address.Split('.')[^1];
        return new StateRule(
            new ListenerRule(name, priority, [.. StateValue.List(resource.Values, "condition").SelectMany(c => StateCondition.Read(resource, c))], Action(resource, "action"), Transform(resource, "url-rewrite", "url_rewrite_config"), Transform(resource, "host-header-rewrite", "host_header_rewrite_config")),
            StateValue.Text(resource.Values, "arn") ?? "",
            resource.Address);
    }

    private static RewriteTransform? Transform(StateResource rule, string type, string block)
    {
        foreach (var transform in StateValue.List(rule.Values, "transform").Where(t => StateValue.Text(t, "type") == type))
        {
            if (StateValue.Block(transform, block) is { } config && StateValue.Block(config, "rewrite") is { } rewrite) return new RewriteTransform(StateValue.Text(rewrite, "regex") ?? "", StateValue.Text(rewrite, "replace") ?? "");
        }
        return null;
    }

    private RuleAction Action(StateResource resource, string block)
    {
        var actions = StateValue.List(resource.Values, block).ToList();
        if (actions.Count == 0) throw new InvalidDataException($"{resource.Address} has no {block}");
        // What comes before the last one, such as authenticate-oidc, decides whether the last one happens at all.
        var type = StateValue.Text(actions[0], "type") ?? "";
        return type switch
        {
            "forward" => Forward(resource, actions[0]),
            "redirect" when StateValue.Block(actions[0], "redirect") is { } redirect => new RedirectAction(Redirect(redirect)),
            "fixed-response" when StateValue.Block(actions[0], "fixed_response") is { } fixedResponse => new FixedResponseAction(Fixed(resource, fixedResponse)),
            _ => new OtherAction(type),
        };
    }

    private ForwardAction Forward(StateResource resource, JsonElement action)
    {
        if (StateValue.Block(action, "forward") is not { } forward) return new ForwardAction(GroupName(StateValue.Text(action, "target_group_arn") ?? throw new InvalidDataException($"{resource.Address}: forwards to nothing")));
        if (StateValue.Block(forward, "stickiness") is { } stickiness && StateValue.Flag(stickiness, "enabled") == true) _remarks.Add($"{resource.Address}: stickiness between target groups is on; here each request is drawn anew");
        return new ForwardAction([.. StateValue.List(forward, "target_group").Select(g => new WeightedTarget(GroupName(StateValue.Text(g, "arn") ?? ""), Weight(resource, StateValue.Number(g, "weight") ?? 1)))]);
    }

    // arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID
    private string GroupName(string arn) => _groupNames.TryGetValue(arn, out var name) ? name : arn.Split('/') is [_, var own, ..] ? own : arn;

    private static Redirect Redirect(JsonElement block) => new(
        StateValue.Text(block, "status_code") == "HTTP_302" ? 302 : 301,
        StateValue.Text(block, "protocol") ?? "#{protocol}",
        StateValue.Text(block, "host") ?? "#{host}",
        StateValue.Text(block, "port") ?? "#{port}",
        StateValue.Text(block, "path") ?? "/#{path}",
        StateValue.Text(block, "query") ?? "#{query}");

    // No load balancer took these, so the text was changed by hand; found here they are a message, found by a request an answer that is none.
    private static int Weight(StateResource resource, int weight) => weight is >= 0 and <= 999 ? weight : throw new InvalidDataException($"{resource.Address}: weight {weight} is not within 0 to 999");

    private static FixedResponse Fixed(StateResource resource, JsonElement block)
    {
        var status = StateValue.Number(block, "status_code") ?? 200;
        if (status is not ((>= 200 and < 300) or (>= 400 and < 600))) throw new InvalidDataException($"{resource.Address}: status_code {status} is none of 2xx, 4xx, 5xx, which a fixed response takes");
        return new FixedResponse(status, StateValue.Text(block, "content_type") ?? "text/plain", StateValue.Text(block, "message_body") ?? "");
    }
}
