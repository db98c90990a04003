# What a rule does: AWS, "Action types for listener rules" and "Transforms for listener rules".

locals {
  # Where the tracking server is: nothing but the gateway may send it requests, except from networks that are named.
  private_target = "mlflow"

  to_private = { for rule in local.all_rules : rule.index => length([for group in rule.forward : group if group.target == local.private_target]) > 0 }

  action_violations = flatten([for rule in local.all_rules : [for fault in concat(
    [
      { code = "action-count", bad = rule.actions != 1, detail = "has ${rule.actions} actions; write exactly one of target, forward, redirect, fixed_response" },
      { code = "weight-range", bad = length(rule.forward) > 5, detail = "forwards to ${length(rule.forward)} target groups, the load balancer takes 5" },
      { code = "weight-range", bad = length(rule.forward) > 0 && sum(concat([0], [for group in rule.forward : group.weight])) == 0, detail = "all weights are 0, so no target group gets anything" },
      { code = "weight-range", bad = length(distinct([for group in rule.forward : group.target])) < length(rule.forward), detail = "forwards to one target group twice; give it the sum of the weights" },
      { code = "weight-range", bad = rule.actions == 1 && length(rule.forward) == 0 && rule.redirect == null && rule.fixed_response == null, detail = "forwards to nothing; name a target group" },
      { code = "direct-access-without-sources", bad = local.to_private[rule.index] && !rule.direct_access && length(rule.written_source) == 0, detail = "goes to ${local.private_target} without direct_access; set it, so that only the configured source networks may use the rule" },
      { code = "direct-access-without-sources", bad = rule.direct_access && length([for source in rule.sources : source if endswith(source, "/0")]) > 0, detail = "direct access is open to everybody; name the networks that need it" },
      { code = "direct-access-without-sources", bad = rule.direct_access && length(rule.written_source) > 0, detail = "has direct_access and sources; direct_access takes the configured networks, so leave sources out" },
      { code = "rewrite", bad = (rule.rewrite != null || rule.host_rewrite != null) && length(rule.forward) == 0, detail = "rewrites what it does not forward; leave the rewrite out" },
    ],
    [for group in rule.forward : { code = "unknown-target", bad = true, detail = "target '${group.target}' is not among the targets (${join(", ", keys(local.targets))})" } if !contains(keys(local.targets), group.target)],
    [for group in rule.forward : { code = "weight-range", bad = true, detail = "weight ${group.weight} is not within 0 to 999" } if !(group.weight >= 0 && group.weight <= 999 && floor(group.weight) == group.weight)],
    [for name, rewrite in { rewrite = rule.rewrite, host_rewrite = rule.host_rewrite } : { code = "rewrite", bad = true, detail = "${name}: the expression '${rewrite.regex}' can't be read, or is empty" } if rewrite != null && (try(rewrite.regex, "") == "" || !can(regexall(rewrite.regex, "")))],
    rule.redirect == null ? [] : [
      { code = "redirect", bad = !contains([301, 302], rule.redirect.status), detail = "redirects with ${rule.redirect.status}; write 301 or 302" },
      { code = "redirect", bad = !contains(["HTTP", "HTTPS", "#{protocol}"], rule.redirect.protocol), detail = "redirects to the protocol '${rule.redirect.protocol}'; write HTTPS or #{protocol}" },
      { code = "redirect", bad = rule.redirect.protocol == "HTTP", detail = "redirects to HTTP, on which keys travel in the clear; write HTTPS" },
      { code = "redirect", bad = !can(regex("^(#[{]port[}]|[1-9][0-9]{0,4})$", rule.redirect.port)), detail = "redirects to port '${rule.redirect.port}'; write 1 to 65535 or #{port}" },
      { code = "redirect", bad = rule.redirect.host == "", detail = "redirects to no host; leave it out to keep the request's" },
      { code = "redirect", bad = !startswith(rule.redirect.path, "/"), detail = "redirects to path '${rule.redirect.path}'; write it with '/' first" },
      { code = "redirect", bad = length([for part in [rule.redirect.host, rule.redirect.path, rule.redirect.query] : part if length(part) > 128]) > 0, detail = "host, path and query of a redirect take 128 characters each" },
      { code = "redirect", bad = rule.redirect.protocol == "#{protocol}" && rule.redirect.host == "#{host}" && rule.redirect.port == "#{port}" && rule.redirect.path == "/#{path}", detail = "redirects to where the request came; change protocol, host, port or path" },
    ],
    rule.fixed_response == null ? [] : [
      { code = "fixed-response", bad = !can(regex("^[245][0-9]{2}$", tostring(rule.fixed_response.status))), detail = "answers ${rule.fixed_response.status}; a fixed response takes 2XX, 4XX and 5XX" },
      { code = "fixed-response", bad = !contains(local.content_types, rule.fixed_response.content_type), detail = "answers with content_type '${rule.fixed_response.content_type}'; write one of ${join(", ", local.content_types)}" },
      { code = "fixed-response", bad = length(rule.fixed_response.body) > 1024, detail = "its body has ${length(rule.fixed_response.body)} characters; a fixed response takes 1024" },
    ],
  ) : { code = fault.code, detail = "rule '${rule.name}': ${fault.detail}" } if fault.bad]])
}
