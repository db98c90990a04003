using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Review;

/// <summary>A review of a source: what is wrong with it, the worst first.</summary>
/// <param name="Source">What was read.</param>
/// <param name="Findings">What is wrong.</param>
/// <param name="Assumed">What the review took to be so without having been told.</param>
internal sealed record RoutingReview(RoutingSource Source, IReadOnlyList<Finding> Findings, IReadOnlyList<string> Assumed)
{
    public bool HasErrors => Findings.Any(f => f.Severity == Severity.Error);

    public int Count(Severity severity) => Findings.Count(f => f.Severity == severity);

    /// <summary>Looks at everything. Within one severity the order is that of the parts here, misroutes first.</summary>
    public static RoutingReview Of(ReviewInput input)
    {
        var listeners = input.Source.Listeners;
        List<Finding> findings = [.. listeners.SelectMany(l => MisrouteFindings.Of(l, input))];
        var misrouted = findings.Select(f => f.Place).ToHashSet();
        findings.AddRange([
            .. listeners.SelectMany(l => MlflowFindings.Of(l, input)),
            .. ListenerFindings.Of(input),
            .. listeners.SelectMany(l => RuleFindings.Of(l, input)),
            .. TargetFindings.Of(input),
            .. HealthFindings.Of(input.Source, input.Roles),
            // What should not be there should not take more either.
            .. listeners.SelectMany(l => TwinFindings.Of(l, input.Remedies)).Where(f => !misrouted.Contains(f.Place)),
        ]);
        return new RoutingReview(input.Source, [.. findings.OrderBy(f => f.Severity).ThenBy(f => f.Code == "misroute" ? 0 : 1)], [.. Assumptions(input)]);
    }

    private static IEnumerable<string> Assumptions(ReviewInput input)
    {
        foreach (var line in input.Roles.Assumptions) yield return line;
        if (input.Roles.Groups(Role.Api).Count == 0) yield return "no target group was taken for the API service (--api-group names it)";
        if (input.Roles.Groups(Role.Auth).Count == 0) yield return "no target group was taken for the auth service (--auth-group names it), so URLs of keys were not looked at";
        yield return $"clients come to {string.Join(", ", input.Hosts)}, {(input.HostsTold ? "as told" : input.Hosts is [SampleRequest.Host] ? "which stands for any host name" : "since rules name them (--host says otherwise)")}";
        yield return $"clients use the paths of the gateway's catalogue behind {ReviewInput.Prefix}: {ReviewInput.MlflowUrls.Count} URLs";
        foreach (var listener in input.Source.Listeners.Where(l => l.Protocol is null)) yield return $"{listener.Name}: its port and protocol were not given; it was taken for one with TLS";
        var groups = input.Source.Groups.Values;
        foreach (var group in groups.Where(g => !g.IsDescribed)) yield return $"target group {group.Group.Name}: a rule names it, and nothing else is known of it";
        if (groups.Any(g => g.IsDescribed && g.Targets is null)) yield return $"the targets of {string.Join(", ", groups.Where(g => g.IsDescribed && g.Targets is null).Select(g => g.Group.Name))} were not given, so nothing is said of them";
        if (groups.Any(g => g.IsDescribed && !g.KnowsDelay)) yield return $"the deregistration delay of {string.Join(", ", groups.Where(g => g.IsDescribed && !g.KnowsDelay).Select(g => g.Group.Name))} was not given, so nothing is said of it";
        foreach (var off in input.Source.Listeners.SelectMany(l => l.Off)) yield return $"rule {off.Priority} ({off.Name}) is off, since no networks for direct access were given (--direct-access)";
        foreach (var note in input.Source.Notes) yield return note;
    }
}
