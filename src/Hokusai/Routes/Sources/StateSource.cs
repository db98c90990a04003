using Hokusai.Contracts.Routing;

namespace Hokusai.Routes.Sources;

/// <summary>An applied Terraform state as a source.</summary>
internal static class StateSource
{
    /// <exception cref="InvalidDataException">It is no state, or lacks what a listener needs.</exception>
    public static RoutingSource Read(string json)
    {
        var state = TerraformState.Parse(json);
        if (state.Listeners.Count == 0) throw new InvalidDataException("has no aws_lb_listener and no aws_lb_listener_rule");
        var groups = state.TargetGroups.ToDictionary(g => g.Group.Name, g => new GroupView(g.Group) { Arn = g.Arn, Address = g.Address, TargetType = g.TargetType, KnowsDelay = true });
        List<ListenerView> listeners = [.. state.Listeners.Select(Listener)];
        foreach (var name in listeners.SelectMany(l => l.Rules.SelectMany(r => r.Rule.Action.TargetNames).Concat(l.Default.TargetNames)).Distinct().Where(n => !groups.ContainsKey(n)).ToList()) groups[name] = GroupView.NamedOnly(name, null);
        return new RoutingSource(SourceForm.TerraformState, listeners, groups, state.Remarks);
    }

    private static ListenerView Listener(StateListener listener) => new()
    {
        Name = listener.Port is { } port ? $"{listener.Protocol}:{port}" : $"listener {listener.Arn[(listener.Arn.LastIndexOf('/') + 1)..]}",
        Arn = listener.Arn,
        LoadBalancer = listener.LoadBalancer.Arn.Length > 0 ? listener.LoadBalancer.Arn : null,
        Port = listener.Port,
        Protocol = listener.Protocol.Length > 0 ? listener.Protocol : null,
        Rules = [.. listener.StateRules.Select(Rule)],
        Default = listener.Default,
    };

    private static RuleView Rule(StateRule rule)
    {
        var unread = new List<string>();
        RewriteTransform? Readable(RewriteTransform? transform)
        {
            if (transform is null || RoutingTable.FaultOf(transform) is not { } fault) return transform;
            unread.Add($"rewrite '{transform.Regex}': {fault}");
            return null;
        }
        return new RuleView(rule.Rule with { Rewrite = Readable(rule.Rule.Rewrite), HostRewrite = Readable(rule.Rule.HostRewrite) }, rule.Address, [], unread);
    }
}
