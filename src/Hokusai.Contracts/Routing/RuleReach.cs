namespace Hokusai.Contracts.Routing;

/// <summary>Finds rules that no request can reach because earlier ones take everything that they would.</summary>
public static class RuleReach
{
    /// <summary>The rules that nothing reaches. What is named is true; rules that only several earlier ones together hide may be missed.</summary>
    /// <param name="rules">Rules in order of priority.</param>
    public static IEnumerable<UnreachableRule> Unreachable(IReadOnlyList<ListenerRule> rules)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            var hidden = Hidden(rules[i], rules.Take(i).ToList());
            if (hidden.Count > 0) yield return new UnreachableRule(rules[i], hidden);
        }
    }

    // Each of the rule's path patterns must be taken by an earlier rule whose other conditions hold whenever this rule's do.
    private static List<HiddenPattern> Hidden(ListenerRule rule, List<ListenerRule> earlier)
    {
        var hidden = new List<HiddenPattern>();
        IReadOnlyList<string> patterns = rule.Paths.Count > 0 ? rule.Paths : ["*"];
        foreach (var pattern in patterns)
        {
            var by = earlier.Find(e => (e.Paths.Count == 0 || e.Paths.Any(p => PathPattern.Covers(p, pattern))) && OthersImplied(e, rule));
            if (by is null) return [];
            hidden.Add(new HiddenPattern(pattern, by));
        }
        return hidden;
    }

    private static bool OthersImplied(ListenerRule wide, ListenerRule narrow) =>
        wide.Conditions.Where(c => c is not PathCondition).All(w => narrow.Conditions.Any(n => Implies(n, w)));

    private static bool Implies(RuleCondition narrow, RuleCondition wide) => (narrow, wide) switch
    {
        (HostCondition n, HostCondition w) => n.Patterns.All(p => w.Patterns.Any(q => PathPattern.Covers(q.ToLowerInvariant(), p.ToLowerInvariant()))),
        (MethodCondition n, MethodCondition w) => n.Methods.All(w.Methods.Contains),
        (SourceCondition n, SourceCondition w) => n.Networks.All(p => w.Networks.Any(q => q.PrefixLength <= p.PrefixLength && q.Contains(p.BaseAddress))),
        (HeaderCondition n, HeaderCondition w) => string.Equals(n.Name, w.Name, StringComparison.OrdinalIgnoreCase) && n.Patterns.All(p => w.Patterns.Any(q => PathPattern.Covers(q.ToLowerInvariant(), p.ToLowerInvariant()))),
        (QueryCondition n, QueryCondition w) => n.Patterns.All(w.Patterns.Contains),
        _ => false,
    };
}

/// <summary>A rule that nothing reaches.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Patterns">Each of its patterns with the rule that takes it first.</param>
public sealed record UnreachableRule(ListenerRule Rule, IReadOnlyList<HiddenPattern> Patterns)
{
    /// <summary>Which rule takes which pattern.</summary>
    public string Reason => string.Join(", ", Patterns.Select(p => $"'{p.Pattern}' is taken by rule '{p.By.Name}' (priority {p.By.Priority})"));
}

/// <summary>A pattern that an earlier rule takes.</summary>
/// <param name="Pattern">The pattern.</param>
/// <param name="By">The earlier rule.</param>
public sealed record HiddenPattern(string Pattern, ListenerRule By);
