resource "aws_lb_target_group" "this" {
  for_each = local.used_targets

  # The port is part of the name: a group can't change its port, and one of the new port must be there before rules leave the old.
  name        = "${local.name}-${each.key}-${each.value.port}"
  vpc_id      = local.vpc_id
  target_type = "ip"
  port        = each.value.port
  protocol    = each.value.protocol

  deregistration_delay          = each.value.deregistration_delay_seconds
  load_balancing_algorithm_type = each.value.algorithm
  slow_start                    = each.value.slow_start_seconds

  health_check {
    path                = each.value.health_check.path
    matcher             = each.value.health_check.matcher
    protocol            = each.value.protocol
    interval            = each.value.health_check.interval_seconds
    timeout             = each.value.health_check.timeout_seconds
    healthy_threshold   = each.value.health_check.healthy_threshold
    unhealthy_threshold = each.value.health_check.unhealthy_threshold
  }

  lifecycle {
    create_before_destroy = true
  }
}
