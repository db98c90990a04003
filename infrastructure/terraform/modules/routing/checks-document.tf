# The document as a whole, and its targets.

locals {
  known_fields  = ["name", "priority", "paths", "hosts", "methods", "sources", "headers", "query", "target", "forward", "redirect", "fixed_response", "rewrite", "host_rewrite", "direct_access"]
  content_types = ["text/plain", "text/css", "text/html", "application/javascript", "application/json"]

  # A rule stands at both listeners, and a load balancer takes 100.
  most_rules = 50

  document_violations = concat(
    length(local.targets) > 0 ? [] : [{ code = "no-target", detail = "targets: none given; name at least the target groups that the rules use" }],
    length(local.written) <= local.most_rules ? [] : [{ code = "rule-count", detail = "${length(local.written)} rules; a load balancer takes 100, and each stands at two listeners" }],
    [for fault in [
      can(regex("^[245][0-9]{2}$", tostring(local.default.status))) ? "" : "its status is ${local.default.status}; a fixed response takes 2XX, 4XX and 5XX",
      contains(local.content_types, local.default.content_type) ? "" : "its content_type is '${local.default.content_type}'; write one of ${join(", ", local.content_types)}",
      length(local.default.body) <= 1024 ? "" : "its body has ${length(local.default.body)} characters; a fixed response takes 1024",
    ] : { code = "fixed-response", detail = "default: ${fault}" } if fault != ""],
  )

  target_violations = flatten([for name, target in local.targets : [for fault in [
    { code = "target-name", bad = !can(regex("^[a-z][a-z0-9-]{0,15}$", name)), detail = "write 1 to 16 lower-case letters, digits and '-', with a letter first" },
    { code = "port-range", bad = !(target.port >= 1 && target.port <= 65535 && floor(target.port) == target.port), detail = "its port is ${target.port}; write 1 to 65535" },
    { code = "target-protocol", bad = !contains(["HTTP", "HTTPS"], target.protocol), detail = "its protocol is '${target.protocol}'; write HTTP or HTTPS" },
    { code = "health-check-range", bad = !can(regex("^/[!-~]*$", target.health_check.path)) || length(target.health_check.path) > 1024, detail = "its health check asks '${target.health_check.path}'; write a path of visible ASCII, with '/' first, of 1024 characters at most" },
    { code = "health-check-range", bad = !can(regex("^[234][0-9]{2}(-[234][0-9]{2})?(,[234][0-9]{2}(-[234][0-9]{2})?)*$", target.health_check.matcher)), detail = "its matcher is '${target.health_check.matcher}'; write statuses from 200 to 499, such as 200, 200,202 or 200-299" },
    { code = "health-check-range", bad = !(target.health_check.interval_seconds >= 5 && target.health_check.interval_seconds <= 300 && floor(target.health_check.interval_seconds) == target.health_check.interval_seconds), detail = "its health check's interval is ${target.health_check.interval_seconds} s; write 5 to 300" },
    { code = "health-check-range", bad = !(target.health_check.timeout_seconds >= 2 && target.health_check.timeout_seconds <= 120 && floor(target.health_check.timeout_seconds) == target.health_check.timeout_seconds), detail = "its health check's timeout is ${target.health_check.timeout_seconds} s; write 2 to 120" },
    { code = "health-check-range", bad = target.health_check.timeout_seconds >= target.health_check.interval_seconds, detail = "its health check's timeout (${target.health_check.timeout_seconds} s) is not below the interval (${target.health_check.interval_seconds} s)" },
    { code = "health-check-range", bad = !(target.health_check.healthy_threshold >= 2 && target.health_check.healthy_threshold <= 10 && floor(target.health_check.healthy_threshold) == target.health_check.healthy_threshold), detail = "its healthy_threshold is ${target.health_check.healthy_threshold}; write 2 to 10" },
    { code = "health-check-range", bad = !(target.health_check.unhealthy_threshold >= 2 && target.health_check.unhealthy_threshold <= 10 && floor(target.health_check.unhealthy_threshold) == target.health_check.unhealthy_threshold), detail = "its unhealthy_threshold is ${target.health_check.unhealthy_threshold}; write 2 to 10" },
    { code = "deregistration-delay-range", bad = !(target.deregistration_delay_seconds >= 0 && target.deregistration_delay_seconds <= 3600 && floor(target.deregistration_delay_seconds) == target.deregistration_delay_seconds), detail = "its deregistration delay is ${target.deregistration_delay_seconds} s; write 0 to 3600" },
    { code = "target-algorithm", bad = !contains(["round_robin", "least_outstanding_requests"], target.algorithm), detail = "its algorithm is '${target.algorithm}'; write round_robin or least_outstanding_requests" },
    { code = "slow-start-range", bad = target.slow_start_seconds != 0 && !(target.slow_start_seconds >= 30 && target.slow_start_seconds <= 900 && floor(target.slow_start_seconds) == target.slow_start_seconds), detail = "its slow start is ${target.slow_start_seconds} s; write 0 or 30 to 900" },
    { code = "slow-start-range", bad = target.slow_start_seconds != 0 && target.algorithm != "round_robin", detail = "slow start needs the algorithm round_robin" },
  ] : { code = fault.code, detail = "target '${name}': ${fault.detail}" } if fault.bad]])
}
