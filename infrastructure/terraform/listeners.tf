# Both listeners have the rules of routes.json, made by one loop over what modules/routing gives for each: a rule that is missing
# at one of them can't be written.

resource "aws_lb_listener" "https" {
  count = var.certificate_arn == null ? 0 : 1

  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = var.certificate_arn
  ssl_policy        = var.tls_policy

  default_action {
    type = "fixed-response"
    fixed_response {
      status_code  = tostring(module.routing.default.status)
      content_type = module.routing.default.content_type
      message_body = module.routing.default.body
    }
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"
    fixed_response {
      status_code  = tostring(module.routing.default.status)
      content_type = module.routing.default.content_type
      message_body = module.routing.default.body
    }
  }
}

# A rule is known by its priority: AWS refuses one that another rule still has, and Terraform does everything side by side. So a rule that
# gets another name, and two that change places, are changed where they stand. Two of one priority are grouped, so that the table's own
# check can tell about them.
locals {
  grouped_rules = merge(
    { for name, rule in module.routing.http_rules : "http/${rule.priority}" => merge(rule, { name = "http/${name}", listener = aws_lb_listener.http.arn })... },
    { for name, rule in module.routing.rules : "https/${rule.priority}" => merge(rule, { name = "https/${name}", listener = aws_lb_listener.https[0].arn })... if var.certificate_arn != null },
  )
  listener_rules = { for key, twins in local.grouped_rules : key => twins[0] }
}

resource "aws_lb_listener_rule" "this" {
  for_each = local.listener_rules

  listener_arn = each.value.listener
  priority     = each.value.priority
  tags         = { Name = each.value.name }

  dynamic "condition" {
    for_each = length(each.value.conditions.paths) > 0 ? [each.value.conditions.paths] : []
    content {
      path_pattern {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.conditions.hosts) > 0 ? [each.value.conditions.hosts] : []
    content {
      host_header {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.conditions.methods) > 0 ? [each.value.conditions.methods] : []
    content {
      http_request_method {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.conditions.sources) > 0 ? [each.value.conditions.sources] : []
    content {
      source_ip {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = each.value.conditions.headers
    content {
      http_header {
        http_header_name = condition.value.name
        values           = condition.value.values
      }
    }
  }

  dynamic "condition" {
    for_each = each.value.conditions.query
    content {
      dynamic "query_string" {
        for_each = condition.value
        content {
          key   = query_string.value.key
          value = query_string.value.value
        }
      }
    }
  }

  action {
    type             = each.value.action.type
    target_group_arn = length(each.value.action.forward) == 1 ? aws_lb_target_group.this[each.value.action.forward[0].target].arn : null

    dynamic "forward" {
      for_each = length(each.value.action.forward) > 1 ? [each.value.action.forward] : []
      content {
        dynamic "target_group" {
          for_each = forward.value
          content {
            arn    = aws_lb_target_group.this[target_group.value.target].arn
            weight = target_group.value.weight
          }
        }
      }
    }

    dynamic "redirect" {
      for_each = each.value.action.redirect == null ? [] : [each.value.action.redirect]
      content {
        status_code = "HTTP_${redirect.value.status}"
        protocol    = redirect.value.protocol
        host        = redirect.value.host
        port        = redirect.value.port
        path        = redirect.value.path
        query       = redirect.value.query
      }
    }

    dynamic "fixed_response" {
      for_each = each.value.action.fixed_response == null ? [] : [each.value.action.fixed_response]
      content {
        status_code  = tostring(fixed_response.value.status)
        content_type = fixed_response.value.content_type
        message_body = fixed_response.value.body
      }
    }
  }

  dynamic "transform" {
    for_each = each.value.transforms
    content {
      type = transform.value.type

      dynamic "url_rewrite_config" {
        for_each = transform.value.type == "url-rewrite" ? [transform.value] : []
        content {
          rewrite {
            regex   = url_rewrite_config.value.regex
            replace = url_rewrite_config.value.replace
          }
        }
      }

      dynamic "host_header_rewrite_config" {
        for_each = transform.value.type == "host-header-rewrite" ? [transform.value] : []
        content {
          rewrite {
            regex   = host_header_rewrite_config.value.regex
            replace = host_header_rewrite_config.value.replace
          }
        }
      }
    }
  }
}
