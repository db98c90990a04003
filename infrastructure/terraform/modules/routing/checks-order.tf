# What rules are to each other: twins, rules that nothing can reach, ways past the gateway.

locals {
  by_priority = { for rule in local.all_rules : tostring(rule.priority) => rule.name... }
  by_name     = { for rule in local.all_rules : rule.name => rule.priority... }

  # A rule without paths takes all of them, one without hosts all of those. A pattern's expression is matched against the
  # text of another pattern: '*' covers wildcards too, '?' does not cover '*'. What matches so is covered for certain.
  reach = [for rule in local.all_rules : merge(rule, {
    paths = length(rule.paths) > 0 ? rule.paths : ["*"]
    hosts = length(rule.hosts) > 0 ? [for host in rule.hosts : lower(host)] : ["*"]
    path_expressions = [for path in(length(rule.paths) > 0 ? rule.paths : ["*"]) :
    "^${replace(replace(replace(path, "/([.+^$|(){}\\[\\]\\\\])/", "\\$1"), "*", ".*"), "?", "[^*]")}$"]
    host_expressions = [for host in(length(rule.hosts) > 0 ? rule.hosts : ["*"]) :
    "^${replace(replace(replace(lower(host), "/([.+^$|(){}\\[\\]\\\\])/", "\\$1"), "*", ".*"), "?", "[^*]")}$"]
    header_texts = [for header in rule.headers : lower(jsonencode(header))]
    query_texts  = [for group in rule.query : lower(jsonencode(group))]
    plain        = length(concat(rule.hosts, rule.methods, rule.sources)) == 0 && length(rule.headers) == 0 && length(rule.query) == 0 && !rule.direct_access
  })]

  # Whether all conditions but the path of the later rule imply those of the earlier one.
  covers = { for pair in setproduct(range(length(local.reach)), range(length(local.reach))) : "${pair[0]}>${pair[1]}" =>
    local.reach[pair[0]].priority < local.reach[pair[1]].priority
    # Without networks a rule with direct access is not there, so it covers nothing but its like.
    && (!local.reach[pair[0]].direct_access || local.reach[pair[1]].direct_access || length(var.direct_access_cidrs) > 0)
    && alltrue([for host in local.reach[pair[1]].hosts : anytrue([for expression in local.reach[pair[0]].host_expressions : can(regex(expression, host))])])
    && (length(local.reach[pair[0]].methods) == 0 || (length(local.reach[pair[1]].methods) > 0 && alltrue([for method in local.reach[pair[1]].methods : contains(local.reach[pair[0]].methods, method)])))
    && (length(local.reach[pair[0]].sources) == 0 || (length(local.reach[pair[1]].sources) > 0 && alltrue([for source in local.reach[pair[1]].sources : anytrue([for wide in local.reach[pair[0]].sources :
      try(tonumber(split("/", wide)[1]) <= tonumber(split("/", source)[1]) && cidrhost("${split("/", source)[0]}/${split("/", wide)[1]}", 0) == cidrhost(wide, 0), false)
    ])])))
    && alltrue([for text in local.reach[pair[0]].header_texts : contains(local.reach[pair[1]].header_texts, text)])
    && alltrue([for text in local.reach[pair[0]].query_texts : contains(local.reach[pair[1]].query_texts, text)])
  }

  # Which earlier rule takes all that a pattern could match; empty where none does.
  hidden = { for late, rule in local.reach : format("%s%s", rule.name, local.twins[rule.name] ? " (number ${late + 1})" : "") => [for path in rule.paths : {
    reason = concat([for early, other in local.reach :
      "'${path}' is taken by rule '${other.name}' (priority ${other.priority})" if local.covers["${early}>${late}"] && anytrue([for expression in other.path_expressions : can(regex(expression, path))])
    ], [""])[0]
  }] }
  twins = { for name, priorities in local.by_name : name => length(priorities) > 1 }

  # Whether a pattern and /api, or something below it, have a path in common: what stands before the first '*' decides.
  heads = { for path in distinct(flatten([for rule in local.reach : rule.paths])) : path => {
    head = substr(split("*", path)[0], 0, min(5, length(split("*", path)[0])))
    open = length(split("*", path)) > 1
  } }
  takes_api = { for path, at in local.heads : path =>
    (at.open || length(at.head) >= 4) && can(regex("^${replace(replace(at.head, "/([.+^$|(){}\\[\\]\\\\])/", "\\$1"), "?", ".")}$", substr("/api/", 0, length(at.head))))
  }

  # A rule to the tracking server behind rules that take all of /api can't be a way past the gateway.
  bypasses = [for rule in local.reach : rule if local.to_private[rule.index]
    && anytrue([for path in rule.paths : local.takes_api[path]])
    && !alltrue([for path in ["/api", "/api/*"] : anytrue([for other in local.reach :
      other.plain && other.priority < rule.priority && !local.to_private[other.index] && anytrue([for expression in other.path_expressions : can(regex(expression, path))])
    ])])
  ]

  order_violations = concat(
    [for priority, names in local.by_priority : { code = "duplicate-priority", detail = "priority ${priority}: used by ${join(" and ", names)}; give each rule its own" } if length(names) > 1],
    [for name, priorities in local.by_name : { code = "duplicate-name", detail = "name '${name}': used ${length(priorities)} times; give each rule its own" } if length(priorities) > 1],
    [for name, patterns in local.hidden : { code = "unreachable-rule", detail = "rule '${name}': nothing reaches it, ${join(", ", [for found in patterns : found.reason])}; give it a lower priority number or take it out" } if alltrue([for found in patterns : found.reason != ""])],
    flatten([for name, patterns in local.hidden : [for found in patterns : { code = "unreachable-pattern", detail = "rule '${name}': nothing reaches its path, ${found.reason}; take it out" } if found.reason != ""] if !alltrue([for found in patterns : found.reason != ""])]),
    [for rule in local.bypasses : { code = "gateway-bypass", detail = "rule '${rule.name}': sends paths of /api to ${local.private_target}, past the gateway and its key check (${join(", ", [for path in rule.paths : path if local.takes_api[path]])}); its target must be api" }],
  )
}
