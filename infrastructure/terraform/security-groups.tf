# Who may speak to whom, rule by rule: what is not in the list of flows is closed. Each flow opens the caller's way out and the
# called one's way in, for that port and between these two groups; no rule between them names an address.

locals {
  groups = merge(
    {
      alb         = "The load balancer"
      api         = "The gateway"
      auth        = "The auth service"
      mlflow      = "The tracking server"
      db-keys     = "Database of the auth service"
      db-tracking = "Database of the tracking server"
    },
    var.cache == null ? {} : { cache = "What gateways share" },
    length(local.interface_endpoints) == 0 ? {} : { endpoints = "Interface endpoints of AWS" },
  )

  services = toset(["api", "auth", "mlflow"])

  flows = merge(
    # From the load balancer to exactly the targets that a rule uses: to mlflow only with direct access.
    { for name, target in local.used_targets : "alb-${name}" => { from = "alb", to = name, port = target.port } },
    {
      api-auth           = { from = "api", to = "auth", port = local.ports.auth }
      api-mlflow         = { from = "api", to = "mlflow", port = local.ports.mlflow }
      auth-db-keys       = { from = "auth", to = "db-keys", port = 5432 }
      mlflow-db-tracking = { from = "mlflow", to = "db-tracking", port = 5432 }
    },
    var.cache == null ? {} : { api-cache = { from = "api", to = "cache", port = 6379 } },
    length(local.interface_endpoints) == 0 ? {} : { for name in local.services : "${name}-endpoints" => { from = name, to = "endpoints", port = 443 } },
  )

  listener_ports = concat([80], var.certificate_arn == null ? [] : [443])
  client_rules   = { for pair in setproduct(local.listener_ports, var.client_cidrs) : "${pair[0]} from ${pair[1]}" => { port = pair[0], cidr = pair[1] } }
}

resource "aws_security_group" "this" {
  for_each = local.groups

  # With a fixed name a group that must be replaced could not stand beside its successor.
  name_prefix = "${local.name}-${each.key}-"
  description = each.value
  vpc_id      = local.vpc_id
  tags        = { Name = "${local.name}-${each.key}" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "flow" {
  for_each = local.flows

  security_group_id            = aws_security_group.this[each.value.from].id
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  description                  = "to ${each.value.to}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "flow" {
  for_each = local.flows

  security_group_id            = aws_security_group.this[each.value.to].id
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  description                  = "from ${each.value.from}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each = local.client_rules

  security_group_id = aws_security_group.this["alb"].id
  description       = "clients"
  cidr_ipv4         = strcontains(each.value.cidr, ":") ? null : each.value.cidr
  cidr_ipv6         = strcontains(each.value.cidr, ":") ? each.value.cidr : null
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

# Administration of keys, for named networks only: the load balancer has no way there.
resource "aws_vpc_security_group_ingress_rule" "administration" {
  for_each = toset(var.admin_cidrs)

  security_group_id = aws_security_group.this["auth"].id
  description       = "administration of keys"
  cidr_ipv4         = strcontains(each.key, ":") ? null : each.key
  cidr_ipv6         = strcontains(each.key, ":") ? each.key : null
  ip_protocol       = "tcp"
  from_port         = local.admin_port
  to_port           = local.admin_port
}

# The gateway's own endpoints (/hokusai/dependencies, /hokusai/metrics) stand behind no rule of the load balancer: who runs it asks
# each gateway itself, from the same networks (docs/runbook.md). Everything else there needs a key, as it does at the load balancer.
resource "aws_vpc_security_group_ingress_rule" "operation" {
  for_each = toset(var.admin_cidrs)

  security_group_id = aws_security_group.this["api"].id
  description       = "dependencies and metrics of each gateway"
  cidr_ipv4         = strcontains(each.key, ":") ? null : each.key
  cidr_ipv6         = strcontains(each.key, ":") ? each.key : null
  ip_protocol       = "tcp"
  from_port         = local.ports.api
  to_port           = local.ports.api
}

# The image, logs, secrets and artifacts are at AWS, behind HTTPS. With endpoints there is no way to anywhere else.
resource "aws_vpc_security_group_egress_rule" "aws" {
  for_each = var.egress == "nat" ? local.services : toset([])

  security_group_id = aws_security_group.this[each.key].id
  description       = "AWS, over HTTPS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

data "aws_ec2_managed_prefix_list" "s3" {
  count = var.egress == "endpoints" ? 1 : 0
  name  = "com.amazonaws.${var.region}.s3"
}

# Layers of images in ECR lie in S3 too, so every service needs it.
resource "aws_vpc_security_group_egress_rule" "s3" {
  for_each = var.egress == "endpoints" ? local.services : toset([])

  security_group_id = aws_security_group.this[each.key].id
  description       = "S3, over its gateway endpoint"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.s3[0].id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
