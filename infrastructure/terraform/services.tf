# The three services: one image, three commands. What they say to each other goes by name; no address stands anywhere.

locals {
  admin_port = 8003

  # A task that stops takes new requests for as long as the load balancer may still send some, then ends what runs (30 s at
  # most). Fargate waits 120 s before it kills, so the delay is cut where the target group's is longer.
  drain_seconds = min(module.routing.targets["api"].deregistration_delay_seconds, 80)

  seconds = var.idle_timeout_seconds

  # Without a password: that comes from the secret, as PGPASSWORD.
  database_uris = { for name, database in aws_db_instance.this : name => "postgresql://${database.username}@${database.endpoint}/${database.db_name}?sslmode=require" }
  artifacts_uri = "s3://${aws_s3_bucket.artifacts.bucket}/${local.artifacts_prefix}"

  # The name that the gateway asks under; health checks go by address and are let in without.
  mlflow_hosts = join(",", concat(["mlflow.${var.namespace}:${local.ports.mlflow}"], var.direct_access_hosts))

  roles = {
    api = {
      command = ["serve", "gateway", "--host", "0.0.0.0", "--port", tostring(local.ports.api), "--drain-delay", tostring(local.drain_seconds)]
      environment = merge({
        HOKUSAI_GATEWAY__UPSTREAM             = "http://mlflow.${var.namespace}:${local.ports.mlflow}"
        HOKUSAI_GATEWAY__AUTHSERVICE          = "http://auth.${var.namespace}:${local.ports.auth}"
        HOKUSAI_GATEWAY__DISCOVERYMODE        = "dns"
        HOKUSAI_GATEWAY__LOADBALANCERIDLE     = format("%02d:%02d:%02d", floor(local.seconds / 3600), floor(local.seconds % 3600 / 60), local.seconds % 60)
        HOKUSAI_GATEWAY__TRUSTEDPROXIES       = join(",", local.public_subnet_cidrs)
        HOKUSAI_GATEWAY__EMF                  = "true"
        HOKUSAI_GATEWAY__EMFNAMESPACE         = local.gateway_metrics.namespace
        HOKUSAI_GATEWAY__TELEMETRYSERVICENAME = local.gateway_service
      }, var.cache == null ? {} : { HOKUSAI_GATEWAY__REDIS = "${aws_elasticache_replication_group.this[0].primary_endpoint_address}:6379,ssl=true,abortConnect=false" })
      secrets        = { HOKUSAI_GATEWAY__SESSIONSECRET = aws_secretsmanager_secret.session.arn }
      health_command = ["hokusai", "health", "http://127.0.0.1:${local.ports.api}/health"]
      # SIGTERM, the delay, at most 30 s for what runs, and a little.
      stop_timeout = local.drain_seconds + 40
      cpu          = 1024
      memory       = 2048
    }
    auth = {
      command = concat(
        ["serve", "keys", "--host", "0.0.0.0", "--port", tostring(local.ports.auth)],
        # On the loopback address nobody outside of the task reaches the administration.
        ["--admin-host", length(var.admin_cidrs) > 0 ? "0.0.0.0" : "127.0.0.1", "--admin-port", tostring(local.admin_port)],
        var.bootstrap_key ? ["--bootstrap"] : [],
      )
      environment = {
        HOKUSAI_KEYS__STOREURI = local.database_uris["keys"]
        HOKUSAI_KEYS__PEPPERS  = join(",", [for id in var.peppers : "${id}=secret:${aws_secretsmanager_secret.pepper[id].name}"])
      }
      secrets        = { PGPASSWORD = "${aws_db_instance.this["keys"].master_user_secret[0].secret_arn}:password::" }
      health_command = ["hokusai", "health", "http://127.0.0.1:${local.ports.auth}/health"]
      stop_timeout   = 60
      cpu            = 512
      memory         = 1024
    }
    mlflow = {
      command = [
        "serve", "tracking", "--host", "0.0.0.0", "--port", tostring(local.ports.mlflow),
        "--backend-store-uri", local.database_uris["tracking"],
        "--artifacts-destination", local.artifacts_uri,
        "--allowed-hosts", local.mlflow_hosts,
      ]
      # A real MLflow in its place has the same from its own variables.
      environment = try(var.services["mlflow"].image, null) == null ? {} : {
        MLFLOW_BACKEND_STORE_URI     = local.database_uris["tracking"]
        MLFLOW_ARTIFACTS_DESTINATION = local.artifacts_uri
        MLFLOW_SERVER_ALLOWED_HOSTS  = local.mlflow_hosts
      }
      secrets        = { PGPASSWORD = "${aws_db_instance.this["tracking"].master_user_secret[0].secret_arn}:password::" }
      health_command = ["hokusai", "health", "http://127.0.0.1:${local.ports.mlflow}/health"]
      stop_timeout   = 60
      cpu            = 1024
      memory         = 2048
    }
  }
}

module "service" {
  source   = "./modules/service"
  for_each = local.services

  name         = "${local.name}-${each.key}"
  role         = each.key
  cluster      = { arn = aws_ecs_cluster.this.arn, name = aws_ecs_cluster.this.name }
  region       = var.region
  architecture = var.architecture

  image          = coalesce(try(var.services[each.key].image, null), var.image)
  command        = coalesce(try(var.services[each.key].command, null), local.roles[each.key].command)
  health_command = coalesce(try(var.services[each.key].health_command, null), local.roles[each.key].health_command)
  user           = coalesce(try(var.services[each.key].user, null), "1654")
  writable_paths = coalesce(try(var.services[each.key].writable_paths, null), [])
  environment    = merge({ AWS_REGION = var.region, HOKUSAI_LOG_LEVEL = var.log_level, DOTNET_EnableDiagnostics = "0" }, local.roles[each.key].environment, try(var.services[each.key].environment, {}))
  secrets        = local.roles[each.key].secrets
  port           = local.ports[each.key]
  cpu            = coalesce(try(var.services[each.key].cpu, null), local.roles[each.key].cpu)
  memory         = coalesce(try(var.services[each.key].memory, null), local.roles[each.key].memory)
  stop_timeout   = local.roles[each.key].stop_timeout

  least_tasks = coalesce(try(var.services[each.key].least_tasks, null), 2)
  most_tasks  = coalesce(try(var.services[each.key].most_tasks, null), 6)
  # Requests a minute and task at which there should be another one; of the gateway alone, the others follow their processors.
  requests_per_task = each.key == "api" ? { target = 60000, label = "${aws_lb.this.arn_suffix}/${aws_lb_target_group.this["api"].arn_suffix}" } : null

  execution_role_arn = aws_iam_role.execution[each.key].arn
  task_role_arn      = aws_iam_role.task[each.key].arn
  log_group          = aws_cloudwatch_log_group.service[each.key].name

  subnet_ids         = local.private_subnet_ids
  security_group_ids = [aws_security_group.this[each.key].id]
  registry_arn       = aws_service_discovery_service.this[each.key].arn
  target_group_arn   = contains(keys(local.used_targets), each.key) ? aws_lb_target_group.this[each.key].arn : null

  # A service can't be made with a target group that no listener uses yet, nor a task start without its permissions and ways.
  depends_on = [
    aws_lb_listener_rule.this,
    aws_iam_role_policy.execution,
    aws_iam_role_policy.artifacts,
    aws_iam_role_policy.peppers,
    aws_vpc_security_group_ingress_rule.flow,
    aws_vpc_security_group_egress_rule.flow,
    aws_vpc_security_group_egress_rule.aws,
    aws_vpc_security_group_egress_rule.s3,
    aws_vpc_endpoint.interface,
    aws_vpc_endpoint.s3,
    aws_route.nat,
    aws_route_table_association.private,
  ]
}
