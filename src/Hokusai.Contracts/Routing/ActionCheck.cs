using System.Globalization;

namespace Hokusai.Contracts.Routing;

/// <summary>What is wrong with the action and the transforms of a rule.</summary>
internal static class ActionCheck
{
    private const int LongestFixedBody = 1024;
    private const int LongestPart = 128;
    private const int MostGroups = 5;
    private const int MostWeight = 999;

    private static readonly string[] ContentTypes = ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];

    public static IEnumerable<RoutingFault> FaultsOf(string at, RouteRule rule, IReadOnlyDictionary<string, RouteTarget> targets)
    {
        var actions = new object?[] { rule.Target, rule.Forward, rule.Redirect, rule.FixedResponse }.Count(a => a is not null);
        if (actions != 1) yield return new("action-count", $"{at}: has {actions} actions; give exactly one of target, forward, redirect, fixed_response");
        foreach (var name in rule.TargetNames.Where(n => !targets.ContainsKey(n))) yield return new("unknown-target", $"{at}: target '{name}' is not among the targets ({string.Join(", ", targets.Keys)})");
        if (rule.Forward is { } forward) foreach (var fault in ForwardFaults(at, forward)) yield return fault;
        if (rule.Redirect is { } redirect) foreach (var fault in RedirectFaults(at, redirect)) yield return fault;
        if (rule.FixedResponse is { } response) foreach (var fault in FaultsOf(at, response)) yield return fault;
        foreach (var (name, transform) in new[] { ("rewrite", rule.Rewrite), ("host_rewrite", rule.HostRewrite) })
        {
            if (transform is null) continue;
            if (rule.Redirect is not null || rule.FixedResponse is not null) yield return new("rewrite", $"{at}: {name} has no use where nothing is forwarded; leave it out");
            if (RoutingTable.FaultOf(transform) is { } fault) yield return new("rewrite", $"{at}: {name} regex '{transform.Regex}' can't be read: {fault}");
        }
    }

    public static IEnumerable<RoutingFault> FaultsOf(string at, FixedResponse response)
    {
        if (response.Status is not ((>= 200 and < 300) or (>= 400 and < 600))) yield return new("fixed-response", $"{at}: status {response.Status} is none of 2xx, 4xx, 5xx, which a fixed response takes");
        if (!ContentTypes.Contains(response.ContentType)) yield return new("fixed-response", $"{at}: content type '{response.ContentType}' is none of {string.Join(", ", ContentTypes)}");
        if (response.Body.Length > LongestFixedBody) yield return new("fixed-response", $"{at}: its body has {response.Body.Length} characters; a fixed response takes {LongestFixedBody} at most");
    }

    private static IEnumerable<RoutingFault> ForwardFaults(string at, IReadOnlyList<WeightedTarget> forward)
    {
        if (forward.Count is 0 or > MostGroups) yield return new("weight-range", $"{at}: forwards to {forward.Count} target groups; give 1 to {MostGroups}");
        foreach (var target in forward.Where(t => t.Weight is < 0 or > MostWeight)) yield return new("weight-range", $"{at}: weight {target.Weight} of '{target.Target}' is not within 0 to {MostWeight}");
        if (forward.Count > 0 && forward.All(t => t.Weight == 0)) yield return new("weight-range", $"{at}: all weights are 0, so no target group gets anything; give one a weight");
        foreach (var twins in forward.GroupBy(t => t.Target).Where(g => g.Count() > 1)) yield return new("weight-range", $"{at}: forwards to '{twins.Key}' {twins.Count()} times; give each target group once");
    }

    private static IEnumerable<RoutingFault> RedirectFaults(string at, Redirect redirect)
    {
        if (redirect.Status is not (301 or 302)) yield return new("redirect", $"{at}: redirect status {redirect.Status} is neither 301 nor 302");
        if (redirect.Protocol is not ("HTTP" or "HTTPS" or "#{protocol}")) yield return new("redirect", $"{at}: redirect protocol '{redirect.Protocol}' is none of HTTP, HTTPS, #{{protocol}}");
        if (redirect.Port != "#{port}" && !(int.TryParse(redirect.Port, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535)) yield return new("redirect", $"{at}: redirect port '{redirect.Port}' is neither 1 to 65535 nor #{{port}}");
        if (!redirect.Path.StartsWith('/')) yield return new("redirect", $"{at}: redirect path '{redirect.Path}' does not start with '/'");
        if (redirect.Host.Length == 0) yield return new("redirect", $"{at}: redirect host is empty; leave it out to keep the request's");
        foreach (var (name, part) in new[] { ("host", redirect.Host), ("path", redirect.Path), ("query", redirect.Query) })
        {
            if (part.Length > LongestPart) yield return new("redirect", $"{at}: redirect {name} is longer than {LongestPart} characters");
        }
        if (redirect is { Protocol: "#{protocol}", Host: "#{host}", Port: "#{port}", Path: "/#{path}" }) yield return new("redirect", $"{at}: redirects to itself; change protocol, host, port or path");
    }
}
