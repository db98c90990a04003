using System.Text.Json;
using Hokusai.Contracts.Routing;

namespace Hokusai.Routes.Sources;

/// <summary>
/// Puts together what several calls of <c>aws elbv2 describe-…</c> said. Answers are told apart by their content and may come in any
/// order; those about the targets or attributes of a group do not name it, so their label has to.
/// </summary>
internal sealed class DescribeReader
{
    private readonly Dictionary<string, List<JsonElement>> _rules = new(StringComparer.Ordinal);
    private readonly List<JsonElement> _listeners = [];
    private readonly Dictionary<string, GroupView> _groups = new(StringComparer.Ordinal);
    private readonly List<(string Label, JsonElement Answer)> _aboutGroups = [];
    private readonly List<string> _notes = [];

    /// <summary>Whether a document is an answer that this reads.</summary>
    public static bool Reads(JsonElement root) => Kind(root) is not null;

    /// <summary>Takes an answer.</summary>
    /// <param name="label">The file's name, or the name of the group that was asked about.</param>
    /// <param name="root">The answer.</param>
    /// <exception cref="InvalidDataException">It is none, or something in it has another form than it should.</exception>
    public void Add(string label, JsonElement root)
    {
        if ((root.ValueKind == JsonValueKind.Object ? root.Text("NextMarker") ?? root.Text("NextToken") : null) is not null) _notes.Add($"{label}: is only a part of the answer; call the AWS CLI without --max-items and --no-paginate");
        switch (Kind(root))
        {
            case "Rules":
                foreach (var rule in root.Items("Rules")) ListOf(ListenerOf(rule.Text("RuleArn")) ?? label).Add(rule);
                break;
            case "Listeners":
                _listeners.AddRange(root.Items("Listeners"));
                break;
            case "TargetGroups":
                foreach (var group in root.Items("TargetGroups").Select(g => DescribedGroup.Read(g, _notes))) _groups[group.Group.Name] = group;
                break;
            case not null:
                _aboutGroups.Add((label, root));
                break;
            default:
                throw new InvalidDataException("has none of Rules, TargetGroups, TargetHealthDescriptions, Attributes, Listeners");
        }
    }

    /// <summary>All that was said.</summary>
    /// <exception cref="InvalidDataException">There is no listener in it.</exception>
    public RoutingSource Build()
    {
        var arns = _listeners.Select(l => l.Text("ListenerArn") ?? "").Concat(_rules.Keys).Distinct().ToList();
        List<ListenerView> listeners = [.. arns.Select(Listener)];
        if (listeners.Count == 0) throw new InvalidDataException("no rules among what was given; add the output of 'aws elbv2 describe-rules --listener-arn ARN'");
        AddNamed(listeners);
        foreach (var (label, answer) in _aboutGroups)
        {
            if (GroupFor(label, answer) is not { } group) _notes.Add($"{label}: does not say which target group it is about, so it was left out; write it as GROUP={label}");
            else if (Kind(answer) == "Attributes") _groups[group] = DescribedGroup.WithAttributes(_groups[group], answer);
            else _groups[group] = _groups[group] with { Targets = DescribedGroup.Targets(answer) };
        }
        return new RoutingSource(SourceForm.Aws, listeners, _groups, _notes);
    }

    private static string? Kind(JsonElement root) => root.ValueKind != JsonValueKind.Object ? null
        : ((string[])["Rules", "TargetGroups", "TargetHealthDescriptions", "Listeners", "Attributes"]).FirstOrDefault(name => root.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array);

    // …:listener-rule/app/NAME/LOAD-BALANCER/LISTENER/RULE belongs to …:listener/app/NAME/LOAD-BALANCER/LISTENER.
    private static string? ListenerOf(string? rule) => rule?.Split(":listener-rule/", 2) is [var head, var path] && path.LastIndexOf('/') is > 0 and var end ? $"{head}:listener/{path[..end]}" : null;

    private static string? LoadBalancerOf(string listener) => listener.Contains(":listener/", StringComparison.Ordinal) ? listener[..listener.LastIndexOf('/')].Replace(":listener/", ":loadbalancer/", StringComparison.Ordinal) : null;

    private List<JsonElement> ListOf(string listener) => _rules.TryGetValue(listener, out var rules) ? rules : _rules[listener] = [];

    private ListenerView Listener(string arn)
    {
        var described = _listeners.FirstOrDefault(l => l.Text("ListenerArn") == arn);
        var known = described.ValueKind == JsonValueKind.Object;
        var rules = _rules.GetValueOrDefault(arn) ?? [];
        var (port, protocol) = known ? (described.Number("Port"), described.Text("Protocol")) : (null, null);
        var name = port is null ? $"listener {arn[(arn.LastIndexOf('/') + 1)..]}" : $"{protocol}:{port}";
        if (rules.Count == 0) _notes.Add($"{name}: only its default action was given; 'aws elbv2 describe-rules --listener-arn {arn}' has its rules");
        var fallback = rules.FirstOrDefault(IsDefault);
        var actions = fallback.ValueKind == JsonValueKind.Object ? fallback.Items("Actions") : known ? described.Items("DefaultActions") : [];
        if (actions.Count == 0) _notes.Add($"{name}: its default action was not given");
        return new ListenerView
        {
            Name = name,
            Arn = arn.Contains(":listener/", StringComparison.Ordinal) ? arn : null,
            LoadBalancer = (known ? described.Text("LoadBalancerArn") : null) ?? LoadBalancerOf(arn),
            Port = port,
            Protocol = protocol,
            Rules = [.. rules.Where(r => !IsDefault(r)).Select(DescribedRule.Read).OrderBy(r => r.Rule.Priority)],
            Default = actions.Count == 0 ? new OtherAction("not given") : DescribedRule.ReadActions(actions).Action,
        };
    }

    private static bool IsDefault(JsonElement rule) => rule.Flag("IsDefault") == true || rule.Text("Priority") == "default";

    private void AddNamed(IEnumerable<ListenerView> listeners)
    {
        var arns = _rules.Values.SelectMany(r => r).Concat(_listeners).SelectMany(r => r.Items("Actions").Concat(r.Items("DefaultActions")))
            .SelectMany(a => (a.Object("ForwardConfig")?.Items("TargetGroups") ?? []).Append(a)).Select(t => t.Text("TargetGroupArn")).OfType<string>().Distinct().ToLookup(DescribedRule.GroupName);
        foreach (var name in listeners.SelectMany(l => l.Rules.SelectMany(r => r.Rule.Action.TargetNames).Concat(l.Default.TargetNames)).Distinct().Where(n => !_groups.ContainsKey(n)))
            _groups[name] = GroupView.NamedOnly(name, arns[name].FirstOrDefault());
    }

    // By the label itself, by the longest name of a group in it, or by the only group with the port of the targets.
    private string? GroupFor(string label, JsonElement answer)
    {
        if (_groups.ContainsKey(label)) return label;
        var file = Path.GetFileName(label);
        if (_groups.Keys.Where(name => file.Contains(name, StringComparison.OrdinalIgnoreCase)).MaxBy(name => name.Length) is { } named) return named;
        if (Kind(answer) == "Attributes") return _groups.Count == 1 ? _groups.Keys.First() : null;
        var ports = DescribedGroup.Targets(answer).Select(t => t.Port).Distinct().ToList();
        return ports is [var port] && _groups.Values.Where(g => g.Group.Port == port).ToList() is [var only] ? only.Group.Name : null;
    }
}
