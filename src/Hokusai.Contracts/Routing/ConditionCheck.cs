using System.Net;

namespace Hokusai.Contracts.Routing;

/// <summary>What is wrong with the conditions of a rule.</summary>
internal static class ConditionCheck
{
    private const int MostValues = 5;    // AWS: condition values a rule, not adjustable
    private const int MostWildcards = 5; // AWS: wildcard characters a rule; newer pages say 6
    private const int LongestPattern = 128;
    private const int LongestName = 40;

    public static IEnumerable<RoutingFault> FaultsOf(string at, RouteRule rule, IReadOnlyList<IPNetwork> directAccess)
    {
        var paths = rule.Paths ?? [];
        var hosts = rule.Hosts ?? [];
        string[] patterns = [.. paths, .. hosts, .. (rule.Headers ?? []).SelectMany(h => h.Values), .. (rule.Query ?? []).SelectMany(q => q.Values).SelectMany(v => v.Key is null ? [v.Value] : new[] { v.Key, v.Value })];
        var sources = rule.Sources?.Count ?? (rule.DirectAccess ? directAccess.Count : 0);
        var values = paths.Count + hosts.Count + (rule.Methods?.Count ?? 0) + sources + (rule.Headers ?? []).Sum(h => h.Values.Count) + (rule.Query ?? []).Sum(q => q.Values.Count);
        if (values == 0 && !rule.DirectAccess) yield return new("no-condition", $"{at}: has no condition; name at least a path");
        foreach (var (name, list) in new[] { ("paths", rule.Paths), ("hosts", rule.Hosts), ("methods", rule.Methods), ("sources", rule.Sources) })
        {
            if (list is { Count: 0 }) yield return new("no-condition", $"{at}: {name} is empty, so nothing can match it; name a value or leave it out");
        }
        if (values > MostValues) yield return new("values-per-rule", $"{at}: has {values} condition values, the load balancer takes {MostValues}; split the rule{(sources > 0 ? " or name fewer networks" : "")}");
        if (patterns.Sum(v => v.Count(c => c is '*' or '?')) > MostWildcards) yield return new("wildcards-per-rule", $"{at}: has more than {MostWildcards} wildcards; split the rule");
        foreach (var pattern in patterns.Where(v => v.Length > LongestPattern)) yield return new("pattern-length", $"{at}: pattern '{pattern}' is longer than {LongestPattern} characters");
        foreach (var path in paths.Where(p => !p.StartsWith('/') && !p.StartsWith('*'))) yield return new("pattern-characters", $"{at}: path '{path}' does not start with '/', so nothing can match it");
        foreach (var path in paths.Where(p => p.Any(c => !IsPathCharacter(c)))) yield return new("pattern-characters", $"{at}: path '{path}' holds a character that the load balancer refuses in patterns");
        foreach (var host in hosts.Where(h => !IsHost(h))) yield return new("pattern-characters", $"{at}: host '{host}' is no host pattern; letters, digits, '-', '.', '*', '?', with a dot and letters alone after the last one");
        foreach (var method in (rule.Methods ?? []).Where(m => m.Length is 0 or > LongestName || m.Any(c => !(char.IsAsciiLetterUpper(c) || c is '-' or '_')))) yield return new("pattern-characters", $"{at}: method '{method}' is no method; capital letters, {LongestName} at most, no wildcards");
        foreach (var header in rule.Headers ?? []) foreach (var fault in HeaderFaults(at, header)) yield return fault;
        foreach (var query in (rule.Query ?? []).Where(q => q.Values.Count == 0)) yield return new("no-condition", $"{at}: a query condition has no value; name one or leave it out");
        foreach (var source in (rule.Sources ?? []).Where(s => !IPNetwork.TryParse(s, out _) || s == "255.255.255.255/32")) yield return new("source-network", $"{at}: source '{source}' is no network that a rule takes; write it as 192.0.2.0/24");
        if (rule.TargetNames.Contains("mlflow") && !rule.DirectAccess && rule.Sources is null)
            yield return new("direct-access-without-sources", $"{at}: goes to mlflow without direct_access; set it, so that only the configured source networks may use the rule");
        if (rule is { DirectAccess: true, Sources: not null }) yield return new("direct-access-without-sources", $"{at}: has direct_access and sources; leave one of them out");
    }

    private static IEnumerable<RoutingFault> HeaderFaults(string at, RouteHeader header)
    {
        if (header.Name.Length is 0 or > LongestName || header.Name.Any(c => !(char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal))))
            yield return new("pattern-characters", $"{at}: header '{header.Name}' is no header name of at most {LongestName} characters");
        if (string.Equals(header.Name, "host", StringComparison.OrdinalIgnoreCase)) yield return new("pattern-characters", $"{at}: header '{header.Name}': use hosts for a condition on it");
        if (header.Values.Count == 0) yield return new("no-condition", $"{at}: header '{header.Name}' has no value; name one or leave it out");
    }

    private static bool IsPathCharacter(char c) => char.IsAsciiLetterOrDigit(c) || "_-.$/~\"'@:+&*?".Contains(c, StringComparison.Ordinal);

    private static bool IsHost(string host)
    {
        var dot = host.LastIndexOf('.');
        return dot >= 0 && dot < host.Length - 1 && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '*' or '?') && host[(dot + 1)..].All(c => char.IsAsciiLetter(c) || c is '*' or '?');
    }
}
