namespace Hokusai.SystemTests.Infrastructure.Mistakes;

/// <summary>Mistakes in the routing table and in the listeners that are made from it.</summary>
internal static class RoutingMistakes
{
    private static readonly string[] DirectAccess = ["direct_access_cidrs=[\"192.0.2.0/24\"]", "direct_access_hosts=[\"mlflow.example.org\"]"];

    public static Mistake[] All { get; } =
    [
        new("the API's path leads to MLflow", "routes.json", "\"/api/mlflow/*\"], \"target\": \"api\"", "\"/api/mlflow/*\"], \"target\": \"mlflow\"", "gateway-bypass"),
        new("swapped priority", "routes.json", "\"name\": \"mlflow-api\", \"priority\": 10", "\"name\": \"mlflow-api\", \"priority\": 35", "unreachable-rule"),
        new("a priority twice", "routes.json", "\"name\": \"keys\", \"priority\": 20", "\"name\": \"keys\", \"priority\": 10", "duplicate-priority"),
        new("a priority out of range", "routes.json", "\"name\": \"api\", \"priority\": 30", "\"name\": \"api\", \"priority\": 50001", "priority-range"),
        new("a target that is not there", "routes.json", "\"target\": \"auth\"", "\"target\": \"keys\"", "unknown-target"),
        new("six values", "routes.json", "\"paths\": [\"/api\", \"/api/*\"]", "\"paths\": [\"/api\", \"/api/*\", \"/v1\", \"/v2\", \"/v3\", \"/v4\"]", "values-per-rule"),
        new("a character that a pattern can't have", "routes.json", "\"paths\": [\"/api\", \"/api/*\"]", "\"paths\": [\"/api\", \"/api%2F*\"]", "pattern-characters"),
        new("a rule without conditions", "routes.json", "\"paths\": [\"/api\", \"/api/*\"], ", "", "no-condition"),
        new("a way past the gateway that is not marked", "routes.json", "\"paths\": [\"/mlflow\", \"/mlflow/*\"], \"target\": \"mlflow\", \"direct_access\": true", "\"paths\": [\"/mlflow\", \"/mlflow/*\"], \"target\": \"mlflow\"", "direct-access-without-sources"),
        new("the path itself forgotten", "routes.json", "[\"/api/v1/keys\", \"/api/v1/keys/*\"]", "[\"/api/v1/keys/*\"]", "/api/v1/keys"),
        new("keys go to the gateway", "routes.json", "\"/api/v1/keys/*\"], \"target\": \"auth\"", "\"/api/v1/keys/*\"], \"target\": \"api\"", "sends /api/v1/keys to the service api, which runs \"serve gateway\""),
        new("no rewrite for MLflow's REST paths", "routes.json", "      \"rewrite\": { \"regex\": \"^/mlflow/api/(.*)$\", \"replace\": \"/api/$1\" },\n", "", "MLflow knows its REST paths without a prefix"),

        new("no rules on 443", "listeners.tf", "if var.certificate_arn != null }", "if var.certificate_arn == null }", "port 443 has no rule for /api/mlflow"),
        new("no rules on 80", "listeners.tf", "for name, rule in module.routing.http_rules :", "for name, rule in {} :", "port 80 has no rule for /api/mlflow"),
        new("other priorities than the table's", "listeners.tf", "priority     = each.value.priority", "priority     = each.value.priority + 1", "priority 11 for \"mlflow-api\""),
        new("wrong target group", "listeners.tf", "aws_lb_target_group.this[each.value.action.forward[0].target].arn", "aws_lb_target_group.this[\"auth\"].arn", "sends /api/mlflow to the service auth, which runs \"serve keys\""),
        new("an ARN of another kind", "listeners.tf", "aws_lb_target_group.this[each.value.action.forward[0].target].arn", "aws_lb.this.arn", "is not a arn:elasticloadbalancing:targetgroup/"),
        new("hosts in place of paths", "listeners.tf", "      path_pattern {\n", "      host_header {\n", "is not at most 128 of A-Z a-z 0-9"),
        new("transforms forgotten", "listeners.tf", "for_each = each.value.transforms", "for_each = []", "it rewrites paths by []") { Variables = DirectAccess },
        new("sources forgotten", "listeners.tf", "for_each = length(each.value.conditions.sources) > 0 ?", "for_each = length(each.value.conditions.sources) > 9 ?", "goes past the gateway from anywhere") { Variables = DirectAccess },
        new("another port than HTTPS has", "listeners.tf", "port              = 443", "port              = 8443", "port 8443 of the load balancer is closed to everybody"),
        new("no TLS on 443", "listeners.tf", "protocol          = \"HTTPS\"", "protocol          = \"HTTP\"", "only an HTTPS listener has certificate_arn"),
        new("certificate forgotten", "listeners.tf", "  certificate_arn   = var.certificate_arn\n", "", "an HTTPS listener needs certificate_arn"),
        new("redirects lose the query", "modules/routing/main.tf", "query = \"#{query}\" }", "query = \"\" }", "redirect to HTTPS with the same host, path and query") { Environment = "production" },
        new("keys in the clear in production", "environments/production.tfvars", "http_mode           = \"redirect\"", "http_mode           = \"rules\"", "it takes keys in the clear") { Environment = "production" },

        new("wrong port", "target-groups.tf", "port        = each.value.port", "port        = each.value.port + 1", "the program behind it listens on 8001"),
        new("a target group's name that is too long", "target-groups.tf", "${each.key}-${substr(", "${each.key}-of-${var.environment}-${substr(", "is not at most 32 letters, digits and inner hyphens"),
        new("wrong health path", "target-groups.tf", "path                = each.value.health_check.path", "path                = \"/\"", "its health check asks /, and the container's own asks /health"),
        new("a health check that any answer passes", "target-groups.tf", "matcher             = each.value.health_check.matcher", "matcher             = \"200-499\"", "its health check takes 200-499"),
        new("timeout and interval alike", "target-groups.tf", "timeout             = each.value.health_check.timeout_seconds", "timeout             = each.value.health_check.interval_seconds", "timeout 10 s must be below interval 10 s"),
        new("targets by instance", "target-groups.tf", "target_type = \"ip\"", "target_type = \"instance\"", "target_type \"instance\""),
        new("dead targets found late", "routes.json", "\"interval_seconds\": 10, \"timeout_seconds\": 5, \"healthy_threshold\": 2, \"unhealthy_threshold\": 2 },\n      \"deregistration_delay_seconds\": 60\n    },\n    \"auth\"", "\"interval_seconds\": 300, \"timeout_seconds\": 5, \"healthy_threshold\": 2, \"unhealthy_threshold\": 2 },\n      \"deregistration_delay_seconds\": 60\n    },\n    \"auth\"", "a dead target is found after 600 s"),
    ];
}
