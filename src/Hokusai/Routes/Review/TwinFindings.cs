using Hokusai.Contracts.Routing;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Review;

/// <summary>Patterns that take what is below a path and not the path itself: <c>/x/*</c> does not match <c>/x</c>.</summary>
internal static class TwinFindings
{
    public static IEnumerable<Finding> Of(ListenerView listener, Remedies remedies)
    {
        foreach (var rule in listener.Rules.Where(r => r.Rule.Action is ForwardAction))
        {
            foreach (var pattern in rule.Rule.Paths.Where(p => p.EndsWith("/*", StringComparison.Ordinal) && p.Length > 2 && !p[..^2].Contains('*', StringComparison.Ordinal) && !p[..^2].Contains('?', StringComparison.Ordinal)))
            {
                var twin = pattern[..^2];
                if (rule.Rule.Paths.Any(p => PathPattern.Matches(p, twin))) continue;
                var takes = listener.Match(SampleRequest.For(rule.Rule, "GET", twin));
                var action = takes?.Rule.Action ?? listener.Default;
                if (action.TargetNames.SequenceEqual(rule.Rule.Action.TargetNames)) continue;
                yield return new(Severity.Warning, "missing-twin", $"{listener.Name}, {rule.Label}", $"takes {pattern} and not {twin}", $"GET {twin} goes to {takes?.Label ?? "the default"}: {RuleText.Of(action)}", remedies.SetPaths(rule, [twin, .. rule.Rule.Paths]));
            }
        }
    }
}
