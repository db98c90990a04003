# Faults of what rules ask for, and values at their limits that are none.

run "rule_name" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ name = "My rule" }]
  }
  assert {
    condition     = output.codes == tolist(["rule-name"]) && strcontains(output.details, "rule 'My rule'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "rule_without_name" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ name = null }]
  }
  assert {
    condition     = output.codes == tolist(["rule-name"]) && strcontains(output.details, "rule ''")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "priority_zero" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ priority = 0 }]
  }
  assert {
    condition     = output.codes == tolist(["priority-range"]) && strcontains(output.details, "priority 0 is not within")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "priority_above" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ priority = 50001 }]
  }
  assert {
    condition     = output.codes == tolist(["priority-range"]) && strcontains(output.details, "priority 50001 is not within")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "priority_broken" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ priority = 1.5 }]
  }
  assert {
    condition     = output.codes == tolist(["priority-range"]) && strcontains(output.details, "priority 1.5 is not within")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "priority_negative" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ priority = -1 }]
  }
  assert {
    condition     = output.codes == tolist(["priority-range"]) && strcontains(output.details, "priority -1 is not within")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "priorities_at_the_limits" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ priority = 1 }, { priority = 50000 }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "no_condition" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = null }]
  }
  assert {
    condition     = output.codes == tolist(["no-condition"]) && strcontains(output.details, "has no condition")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "empty_list" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ methods = [] }]
  }
  assert {
    condition     = output.codes == tolist(["no-condition"]) && strcontains(output.details, "methods is empty")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "any_condition_will_do" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = null, hosts = ["a.example"] }, { paths = null, methods = ["GET"] }, { paths = null, sources = ["192.0.2.0/24"] }, { paths = null, headers = [{ name = "X-Beta", values = ["1"] }] }, { paths = null, query = [{ values = [{ value = "x" }] }] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "six_paths" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a", "/b", "/c", "/d", "/e", "/f"] }]
  }
  assert {
    condition     = output.codes == tolist(["values-per-rule"]) && strcontains(output.details, "has 6 condition values")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "six_values_of_all_kinds" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a"], hosts = ["a.example"], methods = ["GET"], sources = ["192.0.2.0/24"], headers = [{ name = "X-A", values = ["1"] }], query = [{ values = [{ key = "k", value = "v" }] }] }]
  }
  assert {
    condition     = output.codes == tolist(["values-per-rule"]) && strcontains(output.details, "has 6 condition values")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "five_values" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a", "/b", "/c", "/d", "/e"] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "networks_of_direct_access_count" {
  command = plan
  module { source = "./tests/case" }
  variables {
    direct_access_cidrs = ["192.0.2.0/26", "192.0.2.64/26", "192.0.2.128/26", "192.0.2.192/26"]
    rules               = [{ paths = ["/m", "/m/*"], target = "mlflow", direct_access = true }]
  }
  assert {
    condition     = output.codes == tolist(["values-per-rule"]) && strcontains(output.details, "has 6 condition values with the networks of direct access")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "six_wildcards" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/*a*", "/?b?", "/*c*"] }]
  }
  assert {
    condition     = output.codes == tolist(["wildcards-per-rule"]) && strcontains(output.details, "has 6 wildcards")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "wildcards_of_query_keys_count" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/*/*/*"], query = [{ values = [{ key = "a*b*", value = "*" }] }] }]
  }
  assert {
    condition     = output.codes == tolist(["wildcards-per-rule"]) && strcontains(output.details, "has 6 wildcards")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "five_wildcards" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/*a*", "/?b?", "/c*"] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "long_pattern" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/${join("", [for i in range(128) : "x"])}"] }]
  }
  assert {
    condition     = output.codes == tolist(["pattern-length"]) && strcontains(output.details, "has 129 characters")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "pattern_at_the_limit" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/${join("", [for i in range(127) : "x"])}"] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "path_without_slash" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["api"] }]
  }
  assert {
    condition     = output.codes == tolist(["pattern-characters"]) && strcontains(output.details, "path 'api' does not start")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "path_with_percent" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a%b"] }]
  }
  assert {
    condition     = output.codes == tolist(["pattern-characters"]) && strcontains(output.details, "path '/a%b' holds")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "path_with_space" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a b"] }]
  }
  assert {
    condition     = output.codes == tolist(["pattern-characters"]) && strcontains(output.details, "path '/a b' holds")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "path_with_hash" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a#b"] }]
  }
  assert {
    condition     = output.codes == tolist(["pattern-characters"]) && strcontains(output.details, "path '/a#b' holds")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "path_with_parenthesis" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a(b"] }]
  }
  assert {
    condition     = output.codes == tolist(["pattern-characters"]) && strcontains(output.details, "path '/a(b' holds")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "path_with_umlaut" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/aäb"] }]
  }
  assert {
    condition     = output.codes == tolist(["pattern-characters"]) && strcontains(output.details, "path '/aäb' holds")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "path_with_all_characters_allowed" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/aZ9_-.$/~\"'@:+&*?"] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "host_without_dot" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ hosts = ["localhost"] }]
  }
  assert {
    condition     = output.codes == tolist(["pattern-characters"]) && strcontains(output.details, "host 'localhost'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "host_with_digits_last" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ hosts = ["192.0.2.1"] }]
  }
  assert {
    condition     = output.codes == tolist(["pattern-characters"]) && strcontains(output.details, "host '192.0.2.1'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "method_in_small_letters" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ methods = ["get"] }]
  }
  assert {
    condition     = output.codes == tolist(["pattern-characters"]) && strcontains(output.details, "method 'get'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "method_with_wildcard" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ methods = ["P*"] }]
  }
  assert {
    condition     = output.codes == tolist(["pattern-characters"]) && strcontains(output.details, "method 'P*'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "source_without_length" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ sources = ["192.0.2.1"] }]
  }
  assert {
    condition     = output.codes == tolist(["source-network"]) && strcontains(output.details, "source '192.0.2.1'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "source_broadcast" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ sources = ["255.255.255.255/32"] }]
  }
  assert {
    condition     = output.codes == tolist(["source-network"]) && strcontains(output.details, "255.255.255.255/32")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "source_of_version_six" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ sources = ["2001:db8::/32"] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "header_with_wildcard" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ headers = [{ name = "X-*", values = ["1"] }] }]
  }
  assert {
    condition     = output.codes == tolist(["pattern-characters"]) && strcontains(output.details, "header 'X-*'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "header_without_value" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ headers = [{ name = "X-A", values = [] }] }]
  }
  assert {
    condition     = output.codes == tolist(["no-condition"]) && strcontains(output.details, "header 'X-A'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "query_without_value" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ query = [{ values = [{ key = "k" }] }] }]
  }
  assert {
    condition     = output.codes == tolist(["no-condition"]) && strcontains(output.details, "a query condition has no value")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}
