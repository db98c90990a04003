using System.Text.Json;

namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>Every listener does what <c>routes.json</c> says, with the services that it names.</summary>
internal static class RoutePolicies
{
    /// <summary>Which role answers below which path, the longest first.</summary>
    private static readonly (string Prefix, string Role)[] Roles = [("/api/v1/keys", "keys"), ("/api", "gateway"), ("/mlflow", "tracking")];

    public static IEnumerable<PolicyFinding> Check(AppliedState state)
    {
        if (!state.Of("aws_lb_listener").Any()) yield return new PolicyFinding("aws_lb", "it has no listener", "add one");
        foreach (var listener in state.Of("aws_lb_listener"))
        {
            foreach (var finding in Listener(state, listener)) yield return finding;
        }
        foreach (var service in state.Services.Where(service => service.Service.Blocks("load_balancer").Count > 0))
        {
            foreach (var group in service.Service.Blocks("load_balancer").Select(balancer => balancer.Text("target_group_arn")).Where(group => !state.UsedTargetGroups.Contains(group)))
                yield return new PolicyFinding(service.Service.Address, $"its target group {Short(state, group)} is used by no listener rule, so ECS would wait for health checks that never come", "name the group that a rule forwards to");
        }
        foreach (var group in state.Of("aws_lb_target_group").Where(group => !state.UsedTargetGroups.Contains(group.Text("arn"))))
            yield return new PolicyFinding(group.Address, "no listener rule forwards to it", "remove it, or add the rule");
    }

    private static IEnumerable<PolicyFinding> Listener(AppliedState state, StateResource listener)
    {
        var rules = state.Rules(listener).ToList();
        // Rules that go past the gateway exist only where networks are named; what such a rule has is a source condition.
        foreach (var route in state.Routes.GetProperty("rules").EnumerateArray())
        {
            var name = route.GetProperty("name").GetString()!;
            var priority = route.GetProperty("priority").GetInt32();
            var direct = route.TryGetProperty("direct_access", out var past) && past.GetBoolean();
            var paths = route.TryGetProperty("paths", out var patterns) ? patterns.EnumerateArray().Select(path => path.GetString()!).Order(StringComparer.Ordinal).ToList() : [];
            var rule = rules.Find(found => Paths(found).SequenceEqual(paths));
            if (rule is null)
            {
                if (!direct)
                    yield return new PolicyFinding(listener.Address, $"port {listener.Text("port")} has no rule for {string.Join(", ", paths)} (\"{name}\" in routes.json)", "every listener takes all rules");
                continue;
            }
            if (rule.Number("priority") != priority) yield return new PolicyFinding(rule.Address, $"priority {rule.Text("priority")} for \"{name}\"", $"routes.json says {priority}");
            if (direct && !rule.Blocks("condition").Any(condition => condition.Blocks("source_ip").Count > 0))
                yield return new PolicyFinding(rule.Address, $"\"{name}\" goes past the gateway from anywhere", "give it the source networks as a condition");
            foreach (var finding in Action(state, listener, rule, route)) yield return finding;
        }
        foreach (var rule in rules.Where(rule => !state.Routes.GetProperty("rules").EnumerateArray().Any(route => route.GetProperty("priority").GetInt32() == rule.Number("priority"))))
            yield return new PolicyFinding(rule.Address, $"priority {rule.Text("priority")} is no rule of routes.json", "rules come from routes.json alone");
        foreach (var action in listener.Blocks("default_action").Where(action => action.Text("type") != "fixed-response"))
            yield return new PolicyFinding(listener.Address, $"the default action is {action.Text("type")}", "what no rule takes gets the fixed answer of routes.json");
    }

    private static IEnumerable<PolicyFinding> Action(AppliedState state, StateResource listener, StateResource rule, JsonElement route)
    {
        var action = rule.Blocks("action")[0];
        if (action.Text("type") == "redirect")
        {
            var redirect = action.Blocks("redirect")[0];
            if (listener.Text("protocol") == "HTTPS" && !route.TryGetProperty("redirect", out _))
                yield return new PolicyFinding(rule.Address, "it redirects on HTTPS", "only the HTTP listener redirects");
            if (redirect.Text("protocol") != "HTTPS" || !Keeps(redirect, "host", "#{host}") || !Keeps(redirect, "path", "/#{path}") || !Keeps(redirect, "query", "#{query}"))
                yield return new PolicyFinding(rule.Address, $"it redirects to {redirect.Text("protocol")}://{redirect.Text("host")}{redirect.Text("path")}?{redirect.Text("query")}", "redirect to HTTPS with the same host, path and query");
            yield break;
        }
        if (!route.TryGetProperty("target", out var wanted)) yield break;
        foreach (var group in AppliedState.Forwards(rule))
        {
            var behind = state.Services.Where(service => service.Service.Blocks("load_balancer").Any(balancer => balancer.Text("target_group_arn") == group)).Select(service => service.Name).ToList();
            if (behind.Count == 0)
                yield return new PolicyFinding(rule.Address, $"no service stands behind its target group {Short(state, group)}: every request would get 503", $"attach the service {wanted}");
            else if (WrongRole(state, behind[0], Paths(rule)) is { } wrong) yield return new PolicyFinding(rule.Address, wrong, "send each path to the service that answers it");
            else if (!behind.SequenceEqual([wanted.GetString()!]))
                yield return new PolicyFinding(rule.Address, $"\"{route.GetProperty("name")}\" leads to the service {string.Join(", ", behind)}", $"routes.json says {wanted}");
        }
        var rewrites = rule.Blocks("transform").SelectMany(transform => transform.Blocks("url_rewrite_config")).SelectMany(config => config.Blocks("rewrite")).Select(rewrite => $"{rewrite.Text("regex")} -> {rewrite.Text("replace")}").ToList();
        var asked = route.TryGetProperty("rewrite", out var wantedRewrite) ? new[] { $"{wantedRewrite.GetProperty("regex")} -> {wantedRewrite.GetProperty("replace")}" } : [];
        if (!rewrites.SequenceEqual(asked))
            yield return new PolicyFinding(rule.Address, $"it rewrites paths by [{string.Join(", ", rewrites)}]", $"routes.json says [{string.Join(", ", asked)}]");
    }

    private static string? WrongRole(AppliedState state, string service, IEnumerable<string> paths)
    {
        var command = state.Services.First(found => found.Name == service).Command;
        // Another image has commands of its own.
        if (!command.Contains("serve")) return null;
        return paths.Select(path => (path, Roles.FirstOrDefault(role => path.StartsWith(role.Prefix, StringComparison.Ordinal)).Role))
            .Where(wanted => wanted.Role is not null && !command.Contains(wanted.Role))
            .Select(wanted => $"it sends {wanted.path} to the service {service}, which runs \"{string.Join(' ', command.Take(2))}\"").FirstOrDefault();
    }

    // A part that is left out stays as it was; one that is empty is taken away.
    private static bool Keeps(StateResource redirect, string part, string same) => !redirect.Values.TryGetProperty(part, out var value) || value.ValueKind == JsonValueKind.Null || value.GetString() == same;

    private static IEnumerable<string> Paths(StateResource rule) => rule.Blocks("condition").SelectMany(condition => condition.Blocks("path_pattern")).SelectMany(pattern => pattern.Texts("values")).Order(StringComparer.Ordinal);

    private static string Short(AppliedState state, string arn) => state.Find("aws_lb_target_group", "arn", arn)?.Text("name") ?? arn;
}
