resource "aws_lb_target_group" "this" {
  for_each = local.used_targets

  # A group can't change protocol, port or network, and its successor must be there before rules leave it: so these are in the name,
  # as four digits, because a name has 32 characters.
  name        = "${local.name}-${each.key}-${substr(sha256("${each.value.protocol} ${each.value.port} ${local.vpc_id}"), 0, 4)}"
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
