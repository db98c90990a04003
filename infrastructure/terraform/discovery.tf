# Names by which the services find each other. ECS puts in the address of each task that is well and takes out that of one that
# is not, so that no address ever stands in a setting.

resource "aws_service_discovery_private_dns_namespace" "this" {
  name        = var.namespace
  description = "Services of ${local.name}"
  vpc         = local.vpc_id
}

resource "aws_service_discovery_service" "this" {
  for_each = local.services

  name        = each.key
  description = local.groups[each.key]

  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.this.id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = var.discovery_ttl_seconds
    }
  }

  # Health is what ECS says of a task, not what Route 53 could see of it.
  health_check_custom_config {
    failure_threshold = 1
  }
}
