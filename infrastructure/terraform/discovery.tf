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

  # Addresses of tasks that just ended may still stand in it, and nobody is left to take them out.
  force_destroy = true

  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.this.id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = var.discovery_ttl_seconds
    }
  }

  # Health is what ECS says of a task, not what Route 53 could see of it. AWS knows no other threshold than 1 and the provider calls the
  # argument outdated; but it leaves an empty block out of what it makes, and then wants to make the service anew with each plan
  # (hashicorp/terraform-provider-aws issue 44285).
  health_check_custom_config {
    failure_threshold = 1
  }
}
