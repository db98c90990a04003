using System.Net;
using Hokusai.Contracts.Routing;
using Hokusai.Routes.Review;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Check;

/// <summary>What is wrong with a routes file, and what is allowed and will hurt.</summary>
/// <param name="Path">The file.</param>
/// <param name="Rules">How many rules it has.</param>
/// <param name="Faults">What no load balancer would take, or would do something else with than was meant.</param>
/// <param name="Warnings">What it would take; empty while there are faults, since those hide it.</param>
internal sealed record RoutesCheck(string Path, int Rules, IReadOnlyList<RoutingFault> Faults, IReadOnlyList<RoutingFault> Warnings)
{
    // AWS's pages on conditions name three comparison strings for one of them; its quotas allow five in a rule.
    private const int SureValues = 3;

    public static RoutesCheck Of(string path, RoutingDocument document, IReadOnlyList<IPNetwork> directAccess)
    {
        var rules = document.Rules?.Count ?? 0;
        // Without networks the rules for direct access are not built, and what is wrong between them would not be seen.
        var faults = RoutingTable.TryBuild(document, directAccess.Count > 0 ? directAccess : [IPNetwork.Parse(Remedies.ExampleNetwork)], out var table);
        if (table is null) return new RoutesCheck(path, rules, faults, []);
        var listener = new ListenerView { Name = "routes", Rules = [.. table.Rules.Select(r => new RuleView(r))], Default = table.Default };
        var source = new RoutingSource(SourceForm.RoutesFile, [listener], table.Targets.ToDictionary(t => t.Key, t => new GroupView(t.Value) { KnowsDelay = true, KnowsCheck = document.Targets![t.Key].HealthCheck is not null }), []);
        var shared = HealthFindings.Of(source, new Roles(source, new Dictionary<string, Role>())).Concat(TwinFindings.Of(listener, new Remedies(source)));
        return new RoutesCheck(path, rules, [], [.. Own(document, listener), .. shared.Select(f => new RoutingFault(f.Code, $"{f.Place.Replace("routes, ", "", StringComparison.Ordinal)}: {f.What}: {f.Evidence}; {f.Remedy}"))]);
    }

    private static IEnumerable<RoutingFault> Own(RoutingDocument document, ListenerView listener)
    {
        foreach (var rule in listener.Rules)
        {
            foreach (var condition in rule.Rule.Conditions.Where(c => c.Values.Count() > SureValues))
                yield return new("values-per-condition", $"{rule.Label}: its {RuleText.Field(condition)} condition has {condition.Values.Count()} values; some of AWS's pages say three for one condition, so split the rule if the load balancer refuses it");
            if (rule.Rule.Conditions.OfType<MethodCondition>().FirstOrDefault() is { } methods && methods.Methods.Contains("GET") && !methods.Methods.Contains("HEAD"))
                yield return new("head-missing", $"{rule.Label}: takes GET and not HEAD, which then goes another way; add HEAD to its methods");
        }
        if (document.Default is { Status: not 404 } fallback) yield return new("default-action", $"default: answers {fallback.Status} where no rule takes a path; 404 says it so that clients do not try again");
        foreach (var (name, _) in document.Targets!.Where(t => t.Value.HealthCheck is null))
            yield return new("health-check-missing", $"target '{name}': names no health check, so the load balancer asks for / as it does by itself; add \"health_check\": {{ \"path\": \"{GroupSetting.HealthPath}\" }}");
        foreach (var name in document.Targets!.Keys.Where(name => !document.Rules!.Any(r => r.TargetNames.Contains(name)))) yield return new("unused-group", $"target '{name}': no rule uses it; take it out, or a rule is missing");
    }
}
