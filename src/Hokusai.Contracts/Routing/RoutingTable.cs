using System.Net;
using System.Text.RegularExpressions;

namespace Hokusai.Contracts.Routing;

/// <summary>The routing table, checked and in order of priority.</summary>
public sealed class RoutingTable
{
    private const int MostValuesPerRule = 5;    // AWS: condition values a rule, not adjustable
    private const int MostWildcardsPerRule = 5; // AWS: wildcard characters a rule
    private const int LongestPattern = 128;
    private const int LongestFixedBody = 1024;

    private static readonly string[] GatewayPaths = ["/api/mlflow", "/api/mlflow/api/2.0/mlflow/experiments/search"];

    private readonly Rule[] _rules;

    private RoutingTable(FixedResponse fallback, IReadOnlyDictionary<string, RouteTarget> targets, Rule[] rules)
    {
        Default = fallback;
        Targets = targets;
        _rules = rules;
    }

    /// <summary>Answer to whatever no rule takes.</summary>
    public FixedResponse Default { get; }

    /// <summary>Target groups by name.</summary>
    public IReadOnlyDictionary<string, RouteTarget> Targets { get; }

    /// <summary>The rules in order of priority.</summary>
    public IEnumerable<RouteRule> Rules => _rules.Select(r => r.Written);

    /// <summary>Checks a document and puts its rules in order.</summary>
    /// <param name="document">What was read from the file.</param>
    /// <param name="table">The table, if there are no faults.</param>
    /// <returns>All faults, each naming the rule, the value and the remedy; empty if the table is good.</returns>
    public static IReadOnlyList<string> TryBuild(RoutingDocument document, out RoutingTable? table)
    {
        table = null;
        var targets = document.Targets ?? new Dictionary<string, RouteTarget>();
        var rules = document.Rules ?? [];
        var faults = new List<string>();
        if (targets.Count == 0) faults.Add("targets: none given; name at least the target groups that the rules use");
        if (document.Default is not { Status: >= 200 and < 600 } fallback) faults.Add("default: missing or without a status from 200 to 599; the load balancer needs an answer for what no rule takes");
        else if (fallback.Body.Length > LongestFixedBody) faults.Add($"default: its body has {fallback.Body.Length} characters; a fixed response takes {LongestFixedBody} at most");
        foreach (var twins in rules.GroupBy(r => r.Priority).Where(g => g.Count() > 1))
            faults.Add($"priority {twins.Key}: used by {string.Join(" and ", twins.Select(r => r.Name))}; give each rule its own");
        foreach (var twins in rules.GroupBy(r => r.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            faults.Add($"name '{twins.Key}': used {twins.Count()} times; give each rule its own");
        foreach (var rule in rules) faults.AddRange(FaultsOf(rule, targets));
        foreach (var rule in rules.Where(r => r.Target == "mlflow" && TakesFromGateway(r, rules)))
            faults.Add($"rule '{rule.Name}': sends /api/mlflow to mlflow, past the gateway and its key check; its target must be api");
        if (faults.Count == 0) table = new RoutingTable(document.Default!, targets, [.. rules.OrderBy(r => r.Priority).Select(r => new Rule(r))]);
        return faults;
    }

    /// <summary>The rule that takes a request, as the load balancer would choose it.</summary>
    /// <param name="method">Method, compared with its case.</param>
    /// <param name="host">Host without port.</param>
    /// <param name="path">Raw path as received, neither decoded nor cleaned, without the query.</param>
    /// <param name="source">Address of the TCP peer.</param>
    /// <param name="directAccess">Networks from which the rules that go past the gateway may be used.</param>
    /// <returns>The rule, or null for the default answer.</returns>
    public RouteRule? Match(string method, string host, ReadOnlySpan<char> path, IPAddress? source, IReadOnlyList<IPNetwork> directAccess)
    {
        foreach (var rule in _rules)
        {
            if (rule.Takes(method, host, path, source, directAccess)) return rule.Written;
        }
        return null;
    }

    /// <summary>The path that the target of a rule gets.</summary>
    /// <param name="rule">A rule of this table.</param>
    /// <param name="path">Raw path as received.</param>
    public string Rewrite(RouteRule rule, string path) => Array.Find(_rules, r => r.Written == rule)?.Rewrite(path) ?? path;

    private static IEnumerable<string> FaultsOf(RouteRule rule, IReadOnlyDictionary<string, RouteTarget> targets)
    {
        var at = $"rule '{rule.Name}'";
        if (rule.Priority is < 1 or > 50_000) yield return $"{at}: priority {rule.Priority} is not within 1 to 50000";
        if (!targets.ContainsKey(rule.Target)) yield return $"{at}: target '{rule.Target}' is not among the targets ({string.Join(", ", targets.Keys)})";
        if (rule.Paths.Count == 0) yield return $"{at}: has no path; name at least one";
        var values = rule.Paths.Concat(rule.Hosts ?? []).Concat(rule.Methods ?? []).ToList();
        if (values.Count > MostValuesPerRule) yield return $"{at}: has {values.Count} condition values, the load balancer takes {MostValuesPerRule}; split the rule";
        if (values.Sum(v => v.Count(c => c is '*' or '?')) > MostWildcardsPerRule) yield return $"{at}: has more than {MostWildcardsPerRule} wildcards; split the rule";
        foreach (var pattern in values.Where(v => v.Length > LongestPattern)) yield return $"{at}: pattern '{pattern}' is longer than {LongestPattern} characters";
        foreach (var path in rule.Paths.Where(p => !p.StartsWith('/') && !p.StartsWith('*'))) yield return $"{at}: path '{path}' does not start with '/', so nothing can match it";
        foreach (var path in rule.Paths.Where(p => p.Any(c => !IsPatternCharacter(c)))) yield return $"{at}: path '{path}' holds a character that the load balancer refuses in patterns";
        if (rule.Target == "mlflow" && !rule.DirectAccess) yield return $"{at}: goes to mlflow without direct_access; set it, so that only the configured source networks may use the rule";
        if (rule.Rewrite is { } rewrite && RegexFault(rewrite.Regex) is { } fault) yield return $"{at}: rewrite regex '{rewrite.Regex}' can't be read: {fault}";
    }

    // A pattern that is more special than /api/mlflow*, or one that takes it in while no earlier rule has taken it already.
    private static bool TakesFromGateway(RouteRule rule, IReadOnlyList<RouteRule> rules) =>
        rule.Paths.Any(pattern => PathPattern.Matches("/api/mlflow*", pattern))
        || GatewayPaths.Any(path => Takes(rule, path) && !rules.Any(earlier => earlier.Priority < rule.Priority && earlier is { Hosts: null, Methods: null, DirectAccess: false } && Takes(earlier, path)));

    private static bool Takes(RouteRule rule, string path) => rule.Paths.Any(pattern => PathPattern.Matches(pattern, path));

    private static bool IsPatternCharacter(char c) => char.IsAsciiLetterOrDigit(c) || "_-.$/~\"'@:+&*?".Contains(c, StringComparison.Ordinal);

    private static string? RegexFault(string regex)
    {
        try
        {
            _ = new Regex(regex, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return e.Message;
        }
    }

    private sealed class Rule(RouteRule written)
    {
        // NonBacktracking: what a client sends must not decide how long a match takes.
        private readonly Regex? _rewrite = written.Rewrite is null ? null : new Regex(written.Rewrite.Regex, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

        public RouteRule Written => written;

        public bool Takes(string method, string host, ReadOnlySpan<char> path, IPAddress? source, IReadOnlyList<IPNetwork> directAccess)
        {
            if (written.Methods is { } methods && !methods.Contains(method)) return false;
            if (written.DirectAccess && !(source is not null && directAccess.Any(n => n.Contains(source)))) return false;
            if (written.Hosts is { } hosts && !hosts.Any(h => PathPattern.MatchesIgnoringCase(h, host))) return false;
            foreach (var pattern in written.Paths)
            {
                if (PathPattern.Matches(pattern, path)) return true;
            }
            return false;
        }

        public string Rewrite(string path) => _rewrite?.Replace(path, written.Rewrite!.Replace, 1) ?? path;
    }
}
