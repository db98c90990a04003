# Matches requests against the rules as the load balancer does, in HCL: the cases of tests/cases/listener-urls.json, which
# the C# side reads too, must come out the same here.

variable "rules" {
  description = "Rules by name, as the module gives them."
  type        = any
}

variable "cases" {
  description = "Requests with the rule that must take each: id, method, host, path, source, rule; headers and query where they matter."
  type        = any
}

locals {
  expressions = { for name, rule in var.rules : name => {
    paths = [for pattern in rule.conditions.paths : "(?s)^${replace(replace(replace(pattern, "/([.+^$|(){}\\[\\]\\\\])/", "\\$1"), "*", ".*"), "?", ".")}$"]
    hosts = [for pattern in rule.conditions.hosts : "(?s)^${replace(replace(replace(lower(pattern), "/([.+^$|(){}\\[\\]\\\\])/", "\\$1"), "*", ".*"), "?", ".")}$"]
  } }

  # Conditions on headers and queries are not matched here: where a rule has one, requests that have some are skipped, and
  # counted, so that nothing is passed over in silence.
  plain   = alltrue([for rule in var.rules : length(rule.conditions.headers) == 0 && length(rule.conditions.query) == 0])
  matched = [for case in var.cases : case if local.plain || (try(length(case.headers), 0) == 0 && try(length(case.query), 0) == 0)]

  # sort() is by letters: the priority is written with five digits.
  order = [for key in sort([for name, rule in var.rules : "${format("%05d", rule.priority)} ${name}"]) : split(" ", key)[1]]

  found = [for case in local.matched : merge(case, { found = concat([for name in local.order : name if
    (length(var.rules[name].conditions.paths) == 0 || anytrue([for expression in local.expressions[name].paths : can(regex(expression, case.path))]))
    && (length(var.rules[name].conditions.hosts) == 0 || anytrue([for expression in local.expressions[name].hosts : can(regex(expression, lower(try(case.host, ""))))]))
    && (length(var.rules[name].conditions.methods) == 0 || contains(var.rules[name].conditions.methods, try(case.method, "GET")))
    # An address is in a network if the network of the same length that it is in begins alike.
    && (length(var.rules[name].conditions.sources) == 0 || anytrue([for source in var.rules[name].conditions.sources : try(cidrhost("${case.source}/${split("/", source)[1]}", 0) == cidrhost(source, 0), false)]))
    && length(var.rules[name].conditions.headers) == 0 && length(var.rules[name].conditions.query) == 0
  ], ["default"])[0] })]
}

output "checked" {
  value = length(local.matched)
}

output "skipped" {
  value = length(var.cases) - length(local.matched)
}

output "wrong" {
  description = "Requests that another rule takes than the one that must."
  value       = [for case in local.found : "${case.id}: ${try(case.method, "GET")} ${case.path} from ${try(case.source, "?")} goes to '${case.found}', must go to '${case.rule}'" if case.found != case.rule]
}
