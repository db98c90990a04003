# What a rule asks for: limits of AWS ("Condition types for listener rules", "Quotas for your Application Load Balancers").

locals {
  # Every value of a rule that counts towards its quota, wildcards and all.
  values = { for rule in local.all_rules : rule.index => concat(
    rule.paths, rule.hosts, rule.methods, rule.sources,
    flatten([for header in rule.headers : header.values]),
    flatten([for group in rule.query : [for pair in group : pair.value]]),
  ) }

  # Where the wildcards of a path or host pattern may stand, and in what they are counted.
  wildcards = { for rule in local.all_rules : rule.index => sum(concat([0], [for value in concat(local.values[rule.index], flatten([for group in rule.query : [for pair in group : pair.key == null ? "" : pair.key]])) : length(regexall("[*?]", value))])) }

  condition_violations = flatten([for rule in local.all_rules : [for fault in concat(
    [
      { code = "rule-name", bad = !can(regex("^[a-z0-9][a-z0-9-]{0,62}$", rule.name)), detail = "write a name of lower-case letters, digits and '-', of 63 characters at most" },
      { code = "priority-range", bad = !(rule.priority >= 1 && rule.priority <= 50000 && floor(rule.priority) == rule.priority), detail = "priority ${rule.priority} is not within 1 to 50000" },
      { code = "no-condition", bad = length(local.values[rule.index]) == 0 && !rule.direct_access, detail = "has no condition; name at least a path" },
      { code = "values-per-rule", bad = length(local.values[rule.index]) > 5, detail = "has ${length(local.values[rule.index])} condition values${rule.direct_access ? " with the networks of direct access" : ""}, the load balancer takes 5; split the rule" },
      { code = "wildcards-per-rule", bad = local.wildcards[rule.index] > 5, detail = "has ${local.wildcards[rule.index]} wildcards, the load balancer takes 5; split the rule" },
    ],
    [for field in rule.fields : { code = "unknown-field", bad = true, detail = "the field '${field}' does not exist; known are ${join(", ", local.known_fields)}" } if !contains(local.known_fields, field)],
    [for value in local.values[rule.index] : { code = "pattern-length", bad = true, detail = "'${value}' has ${length(value)} characters, a condition takes 128" } if length(value) > 128],
    [for path in rule.paths : { code = "pattern-characters", bad = true, detail = "path '${path}' does not start with '/', so nothing can match it" } if !can(regex("^[/*]", path))],
    [for path in rule.paths : { code = "pattern-characters", bad = true, detail = "path '${path}' holds a character that the load balancer refuses; it takes letters, digits and _-.$/~\"'@:+&*?" } if !can(regex("^[A-Za-z0-9_.$/~\"'@:+&*?-]*$", path))],
    [for host in rule.hosts : { code = "pattern-characters", bad = true, detail = "host '${host}' is none; write letters, digits and -.*? with a dot, and letters only after the last one" } if !can(regex("^[A-Za-z0-9.*?-]*[.][A-Za-z*?]+$", host))],
    [for method in rule.methods : { code = "pattern-characters", bad = true, detail = "method '${method}' is none; write upper-case letters, '-' and '_', 40 at most and no wildcard" } if !can(regex("^[A-Z_-]{1,40}$", method))],
    [for source in rule.sources : { code = "source-network", bad = true, detail = "source '${source}' is no network that the load balancer takes; write it as 192.0.2.0/24" } if !can(cidrhost(source, 0)) || source == "255.255.255.255/32"],
    [for header in rule.headers : { code = "pattern-characters", bad = true, detail = "header '${header.name}' is none; write a name of 40 characters at most without wildcard, and paths or hosts for those" } if !can(regex("^[A-Za-z0-9!#$%&'+.^_`|~-]{1,40}$", header.name)) || lower(header.name) == "host"],
    [for header in rule.headers : { code = "no-condition", bad = true, detail = "header '${header.name}' has no value; name one or leave it out" } if length(header.values) == 0],
    [for field in rule.empty : { code = "no-condition", bad = true, detail = "${field} is empty, so nothing can match it; name a value or leave it out" }],
    [for group in rule.query : { code = "no-condition", bad = true, detail = "a query condition has no value; write {\"values\": [{\"key\": KEY, \"value\": VALUE}]}" } if length(group) == 0 || length([for pair in group : pair if pair.value == ""]) > 0],
  ) : { code = fault.code, detail = "rule '${rule.name}': ${fault.detail}" } if fault.bad]])
}
