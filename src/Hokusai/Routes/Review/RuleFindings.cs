using Hokusai.Contracts.Routing;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Review;

/// <summary>Rules that nothing reaches, that share a priority, or that can't be judged here.</summary>
internal static class RuleFindings
{
    public static IEnumerable<Finding> Of(ListenerView listener, ReviewInput input)
    {
        foreach (var twins in listener.Rules.GroupBy(r => r.Rule.Priority).Where(g => g.Count() > 1))
        {
            var last = twins.Last();
            yield return new(Severity.Error, "duplicate-priority", $"{listener.Name}, priority {twins.Key}", $"is that of {twins.Count()} rules", string.Join("; ", twins.Select(r => $"{r.Arn ?? r.Rule.Name}: {RuleText.Conditions(r.Rule)}")), input.Remedies.SetPriority(last, input.Remedies.TakeFrom(listener, twins.Key)));
        }
        foreach (var hidden in RuleReach.Unreachable([.. listener.Rules.Select(r => r.Rule)]))
        {
            var rule = listener.Rules.First(r => ReferenceEquals(r.Rule, hidden.Rule));
            var same = hidden.Patterns.All(p => RuleText.Of(p.By.Action) == RuleText.Of(hidden.Rule.Action) && p.By.Rewrite == hidden.Rule.Rewrite);
            var first = hidden.Patterns.Min(p => p.By.Priority);
            var remedy = !same && input.Remedies.TakeBefore(listener, first) is { } free ? input.Remedies.SetPriority(rule, free) : input.Remedies.Delete(rule);
            yield return new(same ? Severity.Warning : Severity.Error, "unreachable-rule", $"{listener.Name}, {rule.Label}", same ? "is reached by nothing, though what takes its requests does the same" : $"is reached by nothing, so nothing gets to {RuleText.Of(rule.Rule.Action)} by it", hidden.Reason, remedy);
        }
        foreach (var rule in listener.Rules)
        {
            var at = $"{listener.Name}, {rule.Label}";
            foreach (var condition in rule.Rule.Conditions.OfType<OtherCondition>())
                yield return new(Severity.Information, "not-judged", at, $"has a condition that can't be judged here: {condition.Field}", $"{string.Join(", ", condition.Texts)}; the rule was taken to match nothing", "look at the rule yourself: what it takes never reaches the rules after it");
            foreach (var type in rule.Before.Concat(rule.Rule.Action is OtherAction other ? [other.Type] : []))
                yield return new(Severity.Information, "not-judged", at, $"has an action that can't be judged here: {type}", "what it lets through goes on, all else is answered by the load balancer", "MLflow's clients can't sign in by it: no rule for them should have such an action");
            foreach (var unread in rule.Unread) yield return new(Severity.Information, "not-judged", at, "has a rewrite that can't be read here", unread, "look at the rule yourself: paths were judged as if it changed nothing");
        }
    }
}
