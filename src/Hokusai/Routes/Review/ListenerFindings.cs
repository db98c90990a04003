using Hokusai.Contracts.Routing;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Review;

/// <summary>Listeners of one load balancer that do different things, and keys that travel in clear text.</summary>
internal static class ListenerFindings
{
    private static readonly RedirectAction ToHttps = new(new Redirect(301, "HTTPS", Port: "443"));

    public static IEnumerable<Finding> Of(ReviewInput input)
    {
        foreach (var siblings in input.Source.Listeners.GroupBy(l => l.LoadBalancer))
        {
            var serving = siblings.Where(l => l.Forwards).ToList();
            foreach (var finding in Differences(serving, input).Concat(serving.SelectMany(l => ClearText(l, siblings, input)))) yield return finding;
        }
    }

    private static IEnumerable<Finding> Differences(List<ListenerView> listeners, ReviewInput input)
    {
        if (listeners.Count < 2) yield break;
        var known = listeners.SelectMany(listener => listener.Rules.Select(rule => (Listener: listener, Rule: rule))).GroupBy(r => Key(r.Rule.Rule)).ToList();
        foreach (var same in known)
        {
            var (listener, rule) = same.First();
            foreach (var missing in listeners.Where(l => same.All(r => r.Listener != l)))
            {
                yield return new(Severity.Warning, "one-listener-only", $"{listener.Name}, {rule.Label}", $"is on {listener.Name} and not on {missing.Name}", $"{RuleText.Conditions(rule.Rule)}: {RuleText.Of(rule.Rule.Action)} at {listener.Name} alone", input.Remedies.Create(missing, input.Remedies.TakeFrom(missing, rule.Rule.Priority), rule.Rule.Conditions, rule.Rule.Action, rule.Rule.Rewrite));
            }
            foreach (var (other, twin) in same.Skip(1).Where(r => RuleText.Action(r.Rule) != RuleText.Action(rule) && !ListenerView.IsToHttps(r.Rule.Rule.Action) && !ListenerView.IsToHttps(rule.Rule.Action)))
                yield return new(Severity.Error, "different-targets", $"{other.Name}, {twin.Label}", $"does something else than the same rule on {listener.Name}", $"{RuleText.Conditions(rule.Rule)}: {RuleText.Action(rule)} at {listener.Name}, {RuleText.Action(twin)} at {other.Name}", Alike(rule, twin, input));
        }
    }

    // Whichever of the two goes to the API service is taken to be right.
    private static string Alike(RuleView one, RuleView other, ReviewInput input)
    {
        var (right, wrong) = input.Sends(other.Rule.Action, Role.Api) && !input.Sends(one.Rule.Action, Role.Api) ? (other, one) : (one, other);
        return ReviewInput.Receivers(right.Rule.Action) is [var group] ? input.Remedies.SetTarget(wrong, group) : $"make {wrong.Label} do the same as {right.Label}";
    }

    private static IEnumerable<Finding> ClearText(ListenerView listener, IEnumerable<ListenerView> siblings, ReviewInput input)
    {
        if (listener.Protocol != "HTTP") yield break;
        var forwarding = listener.Rules.Where(r => r.Rule.Action is ForwardAction).ToList();
        if (forwarding.Count == 0 && listener.Default is not ForwardAction) yield break;
        var https = siblings.FirstOrDefault(l => l.Protocol == "HTTPS");
        var evidence = $"a key that a client sends to {ReviewInput.Url(listener, input.Hosts[0], ReviewInput.Prefix)} is readable on the way";
        if (https is null) yield return new(Severity.Information, "clear-text", listener.Name, "forwards over HTTP, and there is no HTTPS listener among what was given", evidence, "end TLS at the load balancer, unless something before it does");
        else yield return new(Severity.Warning, "clear-text", listener.Name, $"forwards over HTTP beside {https.Name}", evidence, string.Join('\n', [input.Remedies.SetDefault(listener, ToHttps with { Redirect = ToHttps.Redirect with { Port = $"{https.Port ?? 443}" } }), .. forwarding.Select(input.Remedies.Delete)]));
    }

    private static string Key(ListenerRule rule) => string.Join('\n', rule.Conditions.Select(c => $"{c.Field}:{string.Join('|', c.Values.Order(StringComparer.Ordinal))}").Order(StringComparer.Ordinal));
}
