resource "aws_lb" "this" {
  name               = local.name
  load_balancer_type = "application"
  internal           = var.internal
  subnets            = local.public_subnet_ids
  security_groups    = [aws_security_group.this["alb"].id]

  # Below the 130 s for which the services keep an idle connection (variables-load-balancer.tf checks it).
  idle_timeout = var.idle_timeout_seconds

  # The gateway reads the client's address from the right of X-Forwarded-For, behind the networks that it trusts.
  xff_header_processing_mode = "append"
  desync_mitigation_mode     = "defensive"

  # Names with an underscore would be dropped without a word; the gateway judges headers itself and says what it refuses.
  drop_invalid_header_fields = false

  enable_http2               = true
  enable_deletion_protection = var.deletion_protection

  dynamic "access_logs" {
    for_each = var.access_logs_bucket == null ? [] : [var.access_logs_bucket]
    content {
      bucket  = access_logs.value
      prefix  = local.name
      enabled = true
    }
  }

  tags = { Name = local.name }

  # AWS refuses a load balancer for the internet in a network that has no way there yet.
  depends_on = [aws_internet_gateway.this, aws_route.internet, aws_route_table_association.public]
}
