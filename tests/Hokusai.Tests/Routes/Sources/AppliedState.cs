using System.Text.Json;
using System.Text.Json.Nodes;
using Hokusai.Contracts.Routing;

namespace Hokusai.Tests.Routes.Sources;

/// <summary>What <c>terraform show -json</c> prints of a routing document that was applied: numbers as texts, blocks as lists, null for what was left out, as the provider has it.</summary>
internal static class AppliedState
{
    public const string Balancer = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/chain/50dc6c495c0c9188";

    public static string ListenerArn(int port) => $"arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/chain/50dc6c495c0c9188/{port:x16}";

    public static string GroupArn(string name) => $"arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/chain-{name}/{name.Length:x16}";

    /// <summary>The state of a document with an HTTPS listener, and an HTTP one without rules.</summary>
    public static string Of(RoutingDocument document, params string[] directAccess) => Text(
        [Resource("aws_lb.this", new { arn = Balancer, name = "chain", idle_timeout = 90, drop_invalid_header_fields = true, preserve_host_header = (bool?)null, enable_xff_client_port = false, xff_header_processing_mode = "append" })],
        [
            .. document.Targets!.Select(t => Resource($"module.alb.aws_lb_target_group.this[\"{t.Key}\"]", Group(t.Key, t.Value))),
            Resource("module.alb.aws_lb_listener.http", Listener(80, "HTTP", document.Default!)),
            Resource("module.alb.aws_lb_listener.https[0]", Listener(443, "HTTPS", document.Default!)),
            .. document.Rules!.Where(r => !r.DirectAccess || directAccess.Length > 0).Select(r => Resource($"module.alb.aws_lb_listener_rule.this[\"https/{r.Priority}\"]", Rule(r, directAccess))),
        ]);

    /// <summary>A state with these resources in the root module and in a module.</summary>
    public static string Text(IEnumerable<object> root, IEnumerable<object> module) => JsonSerializer.Serialize(new
    {
        format_version = "1.0",
        terraform_version = "1.11.4",
        values = new { outputs = new { }, root_module = new { resources = root, child_modules = new[] { new { address = "module.alb", resources = module } } } },
    });

    public static object Resource(string address, object values) => new { address, mode = "managed", type = address.Split('.')[^2], values };

    public static object Listener(int port, string protocol, FixedResponse response) => new { arn = ListenerArn(port), load_balancer_arn = Balancer, port, protocol, default_action = new[] { Fixed(response) } };

    public static object Rule(RouteRule rule, params string[] directAccess) => new
    {
        arn = $"{ListenerArn(443)}/rule/{rule.Priority}",
        listener_arn = ListenerArn(443),
        priority = rule.Priority,
        // The priority is the key, the name a tag (infrastructure/terraform/listeners.tf).
        tags = new { Name = $"https/{rule.Name}" },
        condition = Conditions(rule, directAccess).ToArray(),
        action = new[] { Action(rule) },
        transform = Transforms(rule).ToArray(),
    };

    private static object Group(string name, RouteTarget target) => new
    {
        arn = GroupArn(name),
        name = "chain-" + name,
        port = target.Port,
        protocol = target.Protocol,
        target_type = "ip",
        deregistration_delay = $"{target.DeregistrationDelaySeconds}",
        load_balancing_algorithm_type = target.Algorithm,
        slow_start = target.SlowStartSeconds,
        health_check = target.HealthCheck is { } check
            ? new[] { new { enabled = true, path = check.Path, matcher = check.Matcher, port = "traffic-port", interval = check.IntervalSeconds, timeout = check.TimeoutSeconds, healthy_threshold = check.HealthyThreshold, unhealthy_threshold = check.UnhealthyThreshold } }
            : [],
    };

    private static IEnumerable<object> Conditions(RouteRule rule, string[] directAccess)
    {
        if (rule.Paths is { } paths) yield return Condition("path_pattern", new { values = paths, regex_values = (object?)null });
        if (rule.Hosts is { } hosts) yield return Condition("host_header", new { values = hosts });
        if (rule.Methods is { } methods) yield return Condition("http_request_method", new { values = methods });
        if ((rule.Sources ?? (rule.DirectAccess ? directAccess : null)) is { } sources) yield return Condition("source_ip", new { values = sources });
        foreach (var header in rule.Headers ?? []) yield return Condition("http_header", new { http_header_name = header.Name, values = header.Values });
        foreach (var query in rule.Query ?? []) yield return Condition("query_string", [.. query.Values.Select(v => (object)new { key = v.Key, value = v.Value })]);
    }

    private static JsonObject Condition(string field, params object[] blocks)
    {
        var condition = new JsonObject();
        foreach (var name in new[] { "path_pattern", "host_header", "http_request_method", "source_ip", "http_header", "query_string" }) condition[name] = JsonSerializer.SerializeToNode(name == field ? blocks : []);
        return condition;
    }

    private static object Action(RouteRule rule) => rule switch
    {
        { Target: { } target } => new { type = "forward", target_group_arn = GroupArn(target), forward = Array.Empty<object>() },
        { Forward: { } forward } => new { type = "forward", target_group_arn = "", forward = new[] { new { target_group = forward.Select(f => new { arn = GroupArn(f.Target), weight = f.Weight }), stickiness = Array.Empty<object>() } } },
        { Redirect: { } r } => new { type = "redirect", redirect = new[] { new { status_code = $"HTTP_{r.Status}", protocol = r.Protocol, host = r.Host, port = r.Port, path = r.Path, query = r.Query } } },
        _ => Fixed(rule.FixedResponse!),
    };

    private static object Fixed(FixedResponse response) => new { type = "fixed-response", fixed_response = new[] { new { status_code = $"{response.Status}", content_type = response.ContentType, message_body = response.Body } } };

    private static IEnumerable<object> Transforms(RouteRule rule)
    {
        if (rule.Rewrite is { } path) yield return new { type = "url-rewrite", url_rewrite_config = new[] { new { rewrite = new[] { new { regex = path.Regex, replace = path.Replace } } } }, host_header_rewrite_config = Array.Empty<object>() };
        if (rule.HostRewrite is { } host) yield return new { type = "host-header-rewrite", host_header_rewrite_config = new[] { new { rewrite = new[] { new { regex = host.Regex, replace = host.Replace } } } } };
    }
}
