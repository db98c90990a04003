# The table with every default filled in and every kind of value in its place, so that what follows need not ask whether
# a field is there. What has no value, or one of the wrong type, becomes one that a check refuses.

locals {
  default = {
    status       = try(tonumber(var.document.default.status), 0)
    content_type = try(tostring(var.document.default.content_type), "")
    body         = try(tostring(var.document.default.body), "")
  }

  # Defaults are those of the load balancer's API.
  targets = {
    for name, target in try(var.document.targets, {}) : name => {
      port     = try(tonumber(target.port), 0)
      protocol = try(coalesce(target.protocol, "HTTP"), "HTTP")
      health_check = {
        path                = try(tostring(target.health_check.path), "/")
        matcher             = try(coalesce(tostring(target.health_check.matcher), "200"), "200")
        interval_seconds    = try(coalesce(tonumber(target.health_check.interval_seconds), 30), 30)
        timeout_seconds     = try(coalesce(tonumber(target.health_check.timeout_seconds), 5), 5)
        healthy_threshold   = try(coalesce(tonumber(target.health_check.healthy_threshold), 5), 5)
        unhealthy_threshold = try(coalesce(tonumber(target.health_check.unhealthy_threshold), 2), 2)
      }
      deregistration_delay_seconds = try(coalesce(tonumber(target.deregistration_delay_seconds), 300), 300)
      algorithm                    = try(coalesce(tostring(target.algorithm), "round_robin"), "round_robin")
      slow_start_seconds           = try(coalesce(tonumber(target.slow_start_seconds), 0), 0)
    }
  }

  written = [
    for index, rule in try(var.document.rules, []) : {
      index          = index
      name           = try(coalesce(tostring(rule.name)), "")
      priority       = try(coalesce(tonumber(rule.priority), 0), 0)
      paths          = try([for value in rule.paths : tostring(value)], [])
      hosts          = try([for value in rule.hosts : tostring(value)], [])
      methods        = try([for value in rule.methods : tostring(value)], [])
      written_source = try([for value in rule.sources : tostring(value)], [])
      headers        = try([for header in rule.headers : { name = tostring(header.name), values = [for value in header.values : tostring(value)] }], [])
      query          = try([for group in rule.query : [for pair in group.values : { key = try(tostring(pair.key), null), value = try(tostring(pair.value), "") }]], [])
      direct_access  = try(tobool(rule.direct_access), false) == true

      target         = try(rule.target, null)
      forward        = try(rule.target, null) != null ? [{ target = tostring(rule.target), weight = 1 }] : try([for group in rule.forward : { target = tostring(group.target), weight = try(tonumber(group.weight), 1) }], [])
      fixed_response = try(rule.fixed_response, null) == null ? null : { status = try(tonumber(rule.fixed_response.status), 0), content_type = try(tostring(rule.fixed_response.content_type), ""), body = try(tostring(rule.fixed_response.body), "") }
      redirect = try(rule.redirect, null) == null ? null : {
        status   = try(tonumber(rule.redirect.status), 0)
        protocol = try(coalesce(rule.redirect.protocol, "#{protocol}"), "#{protocol}")
        host     = try(rule.redirect.host, null) == null ? "#{host}" : try(tostring(rule.redirect.host), "")
        port     = try(coalesce(tostring(rule.redirect.port), "#{port}"), "#{port}")
        path     = try(coalesce(rule.redirect.path, "/#{path}"), "/#{path}")
        query    = try(tostring(rule.redirect.query), "#{query}")
      }
      rewrite      = try(rule.rewrite, null) == null ? null : { regex = try(tostring(rule.rewrite.regex), ""), replace = try(tostring(rule.rewrite.replace), "") }
      host_rewrite = try(rule.host_rewrite, null) == null ? null : { regex = try(tostring(rule.host_rewrite.regex), ""), replace = try(tostring(rule.host_rewrite.replace), "") }

      # Counted as written: two actions, or none, must not look like one.
      actions = length([for action in ["target", "forward", "redirect", "fixed_response"] : action if try(rule[action], null) != null])
      fields  = try([for field, value in rule : field], [])
      empty   = [for field in ["paths", "hosts", "methods", "sources"] : field if try(length(rule[field]), -1) == 0]
    }
  ]

  # The source-ip condition of a rule that goes past the gateway is the configured networks.
  all_rules = [for rule in local.written : merge(rule, { sources = rule.direct_access ? var.direct_access_cidrs : rule.written_source })]
  existing  = [for rule in local.all_rules : rule if !rule.direct_access || length(var.direct_access_cidrs) > 0]
}
