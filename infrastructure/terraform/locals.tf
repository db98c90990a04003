# What several files need: names, the routing table with this environment's differences, and who runs what.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name      = "hokusai-${var.environment}"
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition

  written_routes = jsondecode(file("${path.module}/routes.json"))

  # What an environment changes of a target goes into the table before it is checked, so that it is checked too.
  routes = merge(local.written_routes, {
    targets = { for name, target in local.written_routes.targets : name => merge(
      target,
      { for field, value in {
        deregistration_delay_seconds = try(var.target_groups[name].deregistration_delay_seconds, null)
        algorithm                    = try(var.target_groups[name].algorithm, null)
        slow_start_seconds           = try(var.target_groups[name].slow_start_seconds, null)
      } : field => value if value != null },
      { health_check = merge(try(target.health_check, {}), { for field, value in {
        path                = try(var.target_groups[name].health_check_path, null)
        matcher             = try(var.target_groups[name].health_check_matcher, null)
        interval_seconds    = try(var.target_groups[name].interval_seconds, null)
        timeout_seconds     = try(var.target_groups[name].timeout_seconds, null)
        healthy_threshold   = try(var.target_groups[name].healthy_threshold, null)
        unhealthy_threshold = try(var.target_groups[name].unhealthy_threshold, null)
      } : field => value if value != null }) },
    ) }
  })

  # A target group that no rule uses has no load balancer, and ECS refuses a service with such a one.
  used_targets = { for name, target in module.routing.targets : name => target
  if contains(flatten([for rule in module.routing.rules : [for group in rule.action.forward : group.target]]), name) }

  direct_access = contains(keys(local.used_targets), "mlflow")

  # The port of each service stands in routes.json alone.
  ports = { for name, target in local.written_routes.targets : name => target.port }
}

module "routing" {
  source = "./modules/routing"

  document            = local.routes
  direct_access_cidrs = var.direct_access_cidrs
  http_mode           = var.http_mode
}
