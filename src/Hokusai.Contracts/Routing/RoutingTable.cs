using System.Net;
using System.Text.RegularExpressions;

namespace Hokusai.Contracts.Routing;

/// <summary>A listener's rules in order of priority, with its default action and the target groups.</summary>
public sealed class RoutingTable
{
    // What rewrites a request must come to an end whatever a client sends: no backtracking, as the load balancer has none either.
    private const RegexOptions RewriteOptions = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private readonly ListenerRule[] _rules;
    private readonly Dictionary<RewriteTransform, Regex> _rewrites = [];

    /// <summary>A table of rules that were checked already, by <see cref="TryBuild"/> or by a load balancer.</summary>
    /// <param name="fallback">What happens to a request that no rule takes.</param>
    /// <param name="targets">Target groups by name.</param>
    /// <param name="rules">The rules in any order.</param>
    /// <exception cref="ArgumentException">A rewrite's expression can't be read.</exception>
    public RoutingTable(RuleAction fallback, IReadOnlyDictionary<string, TargetGroup> targets, IEnumerable<ListenerRule> rules)
    {
        Default = fallback;
        Targets = targets;
        _rules = [.. rules.OrderBy(r => r.Priority)];
        foreach (var transform in _rules.SelectMany(r => new[] { r.Rewrite, r.HostRewrite }).OfType<RewriteTransform>())
            _rewrites.TryAdd(transform, new Regex(transform.Regex, RewriteOptions));
    }

    /// <summary>What happens to a request that no rule takes.</summary>
    public RuleAction Default { get; }

    /// <summary>Target groups by name.</summary>
    public IReadOnlyDictionary<string, TargetGroup> Targets { get; }

    /// <summary>The rules in order of priority.</summary>
    public IReadOnlyList<ListenerRule> Rules => _rules;

    /// <summary>Checks a document and makes it a table. Rules for direct access are in it only if networks are given.</summary>
    /// <param name="document">What was read from the file.</param>
    /// <param name="directAccess">Networks from which the rules that go past the gateway may be used.</param>
    /// <param name="table">The table, if there are no faults.</param>
    /// <returns>All faults; empty if the table is good.</returns>
    public static IReadOnlyList<RoutingFault> TryBuild(RoutingDocument document, IReadOnlyList<IPNetwork> directAccess, out RoutingTable? table)
    {
        table = null;
        var faults = RoutingCheck.FaultsOf(document, directAccess);
        if (faults.Count > 0) return faults;
        var built = RoutingBuilder.Build(document, directAccess);
        faults = [.. RuleReach.Unreachable(built.Rules).Select(u => new RoutingFault("unreachable-rule", $"rule '{u.Rule.Name}': nothing reaches it, {u.Reason}; give it a lower priority number or take it out"))];
        if (faults.Count == 0) table = built;
        return faults;
    }

    /// <summary>The rule that takes a request, as the load balancer would choose it.</summary>
    /// <param name="request">The request.</param>
    /// <returns>The rule, or null for the default action.</returns>
    public ListenerRule? Match(ListenerRequest request)
    {
        foreach (var rule in _rules)
        {
            if (rule.Takes(request)) return rule;
        }
        return null;
    }

    /// <summary>The path and query that the target of a rule gets.</summary>
    /// <param name="rule">A rule of this table.</param>
    /// <param name="target">Raw path with query as received.</param>
    /// <remarks>AWS does not say whether a second match in one URL is replaced too; here it is not.</remarks>
    public string Rewrite(ListenerRule rule, string target) => Apply(rule.Rewrite, target);

    /// <summary>The Host header that the target of a rule gets.</summary>
    /// <param name="rule">A rule of this table.</param>
    /// <param name="host">Host header as received.</param>
    public string RewriteHost(ListenerRule rule, string host) => Apply(rule.HostRewrite, host);

    /// <summary>What is wrong with a rewrite's expression; null if nothing is.</summary>
    /// <param name="transform">The rewrite.</param>
    public static string? FaultOf(RewriteTransform transform)
    {
        try
        {
            _ = new Regex(transform.Regex, RewriteOptions);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return e.Message;
        }
    }

    private string Apply(RewriteTransform? transform, string text) => transform is null ? text : _rewrites[transform].Replace(text, transform.Replace, 1);
}

/// <summary>A fault of a routing table.</summary>
/// <param name="Code">What kind of fault it is, the same word that the Terraform module uses.</param>
/// <param name="Text">Names the rule, the value and the remedy.</param>
public sealed record RoutingFault(string Code, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}
