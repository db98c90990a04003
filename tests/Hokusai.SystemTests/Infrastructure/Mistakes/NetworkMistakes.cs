namespace Hokusai.SystemTests.Infrastructure.Mistakes;

/// <summary>Mistakes in security groups, discovery and waiting times.</summary>
internal static class NetworkMistakes
{
    private static readonly string[] Administration = ["admin_cidrs=[\"198.51.100.0/24\"]"];

    public static Mistake[] All { get; } =
    [
        new("closed port of MLflow", "security-groups.tf", "      api-mlflow         = { from = \"api\", to = \"mlflow\", port = local.ports.mlflow }\n", "", "port 5000 is closed to aws_security_group.this[\"api\"]"),
        new("closed port of the auth service", "security-groups.tf", "to = \"auth\", port = local.ports.auth }", "to = \"auth\", port = local.ports.api }", "port 8002 is closed to aws_security_group.this[\"api\"]"),
        new("closed database", "security-groups.tf", "      auth-db-keys       = { from = \"auth\", to = \"db-keys\", port = 5432 }\n", "", "port 5432 is closed to aws_security_group.this[\"auth\"]"),
        new("closed cache", "security-groups.tf", "to = \"cache\", port = 6379", "to = \"cache\", port = 6380", "port 6379 is closed to aws_security_group.this[\"api\"]") { Environment = "production" },
        new("the load balancer reaches MLflow", "security-groups.tf", "      mlflow-db-tracking = {", "      alb-mlflow         = { from = \"alb\", to = \"mlflow\", port = 5000 }\n      mlflow-db-tracking = {", "lets aws_security_group.this[\"alb\"] reach aws_security_group.this[\"mlflow\"] on port 5000, which nothing needs"),
        new("the gateway reaches a database", "security-groups.tf", "      mlflow-db-tracking = {", "      api-db             = { from = \"api\", to = \"db-keys\", port = 5432 }\n      mlflow-db-tracking = {", "lets aws_security_group.this[\"api\"] reach aws_security_group.this[\"db-keys\"]"),
        new("more ports than one", "security-groups.tf", "\"from ${each.value.from}\"\n  ip_protocol                  = \"tcp\"\n  from_port                    = each.value.port", "\"from ${each.value.from}\"\n  ip_protocol                  = \"tcp\"\n  from_port                    = 0", "on ports 0-8001, which nothing needs"),
        new("the way out of another group", "security-groups.tf", "referenced_security_group_id = aws_security_group.this[each.value.to].id\n  description                  = \"to", "referenced_security_group_id = aws_security_group.this[each.value.from].id\n  description                  = \"to", "it has no way out to"),
        new("clients can't reach HTTPS", "security-groups.tf", "concat([80], var.certificate_arn == null ? [] : [443])", "[80]", "port 443 of the load balancer is closed to everybody"),
        new("clients reach MLflow", "security-groups.tf", "security_group_id = aws_security_group.this[\"alb\"].id", "security_group_id = aws_security_group.this[\"mlflow\"].id", "services are reached through groups, not addresses"),
        new("a description that EC2 does not take", "security-groups.tf", "\"Database of the auth service\"", "\"The auth service's database\"", "is not at most 255 of a-z A-Z 0-9"),
        new("a rule's description that EC2 does not take", "security-groups.tf", "\"from ${each.value.from}\"", "\"from the group '${each.value.from}'\"", "is not at most 255 of a-z A-Z 0-9"),
        new("MLflow opened to those who administer", "security-groups.tf", "  security_group_id = aws_security_group.this[\"api\"].id\n  description       = \"dependencies", "  security_group_id = aws_security_group.this[\"mlflow\"].id\n  description       = \"dependencies", "services are reached through groups, not addresses") { Variables = Administration },
        new("the gateway opened to others than those who administer", "security-groups.tf", "  for_each = toset(var.admin_cidrs)\n\n  security_group_id = aws_security_group.this[\"api\"].id", "  for_each = toset([\"203.0.113.0/24\"])\n\n  security_group_id = aws_security_group.this[\"api\"].id", "to the network 203.0.113.0/24") { Variables = Administration },
        new("nobody may ask the gateway itself", "security-groups.tf", "  for_each = toset(var.admin_cidrs)\n\n  security_group_id = aws_security_group.this[\"api\"].id", "  for_each = toset([])\n\n  security_group_id = aws_security_group.this[\"api\"].id", "198.51.100.0/24 may administer keys and can't ask the gateway") { Variables = Administration },
        new("a load balancer before the way to the internet", "load-balancer.tf", "depends_on = [aws_internet_gateway.this, aws_route.internet, aws_route_table_association.public]", "depends_on = [aws_internet_gateway.this, aws_route_table_association.public]", "it does not wait for aws_route.internet:"),
        new("tasks before their routes", "services.tf", "    aws_route_table_association.private,\n", "", "it does not wait for aws_route_table_association.private: its first tasks would find no way"),
        new("one group for all", "services.tf", "security_group_ids = [aws_security_group.this[each.key].id]", "security_group_ids = [aws_security_group.this[\"alb\"].id]", "it is in the load balancer's security group"),
        new("a group's id where a subnet's belongs", "services.tf", "subnet_ids         = local.private_subnet_ids", "subnet_ids         = [aws_security_group.this[each.key].id]", "is not a subnet-"),
        new("tasks with public addresses", "modules/service/main.tf", "assign_public_ip = false", "assign_public_ip = true", "its tasks get public addresses"),

        new("missing service registry", "modules/service/main.tf", "  service_registries {\n    registry_arn = var.registry_arn\n  }\n", "", "it is registered in no entry of service discovery"),
        new("registered under another name", "services.tf", "aws_service_discovery_service.this[each.key].arn", "aws_service_discovery_service.this[\"api\"].arn", "mlflow is registered as api"),
        new("a name that nobody has", "services.tf", "\"http://mlflow.${var.namespace}:", "\"http://tracking.${var.namespace}:", "names tracking.hokusai.local, which nothing here is registered as"),
        new("a name in another namespace", "services.tf", "\"http://auth.${var.namespace}:", "\"http://auth.internal:", "names auth.internal, which nothing here is registered as"),
        new("another service's port", "services.tf", "\"http://mlflow.${var.namespace}:${local.ports.mlflow}\"", "\"http://mlflow.${var.namespace}:${local.ports.auth}\"", "names mlflow.hokusai.local:8002"),
        new("a private address", "services.tf", "\"http://mlflow.${var.namespace}:${local.ports.mlflow}\"", "\"http://10.0.1.173:5000\"", "holds the private address 10.0.1.173"),
        new("addresses that are never looked up again", "services.tf", "HOKUSAI_GATEWAY__DISCOVERYMODE        = \"dns\"", "HOKUSAI_GATEWAY__DISCOVERYMODE        = \"static\"", "the gateway finds MLflow by \"static\""),
        new("records that outlive tasks", "discovery.tf", "ttl  = var.discovery_ttl_seconds", "ttl  = 3600", "its records live 3600 s"),
        new("records of a kind that tasks don't have", "discovery.tf", "type = \"A\"", "type = \"CNAME\"", "awsvpc tasks need A records"),
        new("a health check of Cloud Map that the provider leaves out", "discovery.tf", "    failure_threshold = 1\n", "", "its health_check_custom_config has not the threshold 1"),
        new("an entry that can't be destroyed", "discovery.tf", "force_destroy = true", "force_destroy = false", "keeps it from being destroyed"),
        new("MLflow refuses its own name", "services.tf", "[\"mlflow.${var.namespace}:${local.ports.mlflow}\"], var.direct_access_hosts", "[\"mlflow:5000\"], var.direct_access_hosts", "refuses mlflow.hokusai.local:5000"),

        new("idle timeout above keep-alive", "load-balancer.tf", "idle_timeout = var.idle_timeout_seconds", "idle_timeout = 300", "idle_timeout 300 s is not below the services' keep-alive of 130 s"),
        new("idle timeout above keep-alive by a variable", "environments/development.tfvars", "log_retention_days = 7", "log_retention_days   = 7\nidle_timeout_seconds = 300", "idle_timeout_seconds is 300; write 60 to 120"),
        new("idle timeout that AWS does not have", "load-balancer.tf", "idle_timeout = var.idle_timeout_seconds", "idle_timeout = 5000", "5000 is outside 1-4000"),
        new("the gateway knows another idle timeout", "load-balancer.tf", "idle_timeout = var.idle_timeout_seconds", "idle_timeout = 90", "the gateway takes the load balancer's idle timeout for 00:01:00, and it is 90 s"),
        new("tasks killed while they answer", "services.tf", "stop_timeout = local.drain_seconds + 40", "stop_timeout = local.drain_seconds + 10", "tasks would be killed while they answer"),
        new("drained too early", "services.tf", "\"--drain-delay\", tostring(local.drain_seconds)", "\"--drain-delay\", \"5\"", "takes requests for 5 s after it is told to stop"),
    ];
}
