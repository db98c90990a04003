# Faults between rules: twins, and rules or patterns that nothing reaches.

run "twin_priorities" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{}, { priority = 10 }]
  }
  assert {
    condition     = output.codes == tolist(["duplicate-priority"]) && strcontains(output.details, "priority 10: used by rule-1 and rule-2")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "twin_names" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ name = "x" }, { name = "x" }]
  }
  assert {
    condition     = output.codes == tolist(["duplicate-name"]) && strcontains(output.details, "name 'x': used 2 times")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "behind_a_catch_all" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/*"] }, { paths = ["/a", "/b/*"] }]
  }
  assert {
    condition     = output.codes == tolist(["unreachable-rule"]) && strcontains(output.details, "rule 'rule-2': nothing reaches it, '/a' is taken by rule 'rule-1' (priority 10), '/b/*' is taken by rule 'rule-1' (priority 10)")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "behind_the_same_path" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a"] }, { paths = ["/a"] }]
  }
  assert {
    condition     = output.codes == tolist(["unreachable-rule"]) && strcontains(output.details, "'/a' is taken by rule 'rule-1'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "one_pattern_of_two" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a/*"] }, { paths = ["/a/b", "/c"] }]
  }
  assert {
    condition     = output.codes == tolist(["unreachable-pattern"]) && strcontains(output.details, "rule 'rule-2': nothing reaches its path, '/a/b' is taken by rule 'rule-1' (priority 10)")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "written_in_another_order" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a/b"], priority = 30 }, { paths = ["/a/*"] }]
  }
  assert {
    condition     = output.codes == tolist(["unreachable-rule"]) && strcontains(output.details, "rule 'rule-1': nothing reaches it")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "behind_a_rule_without_path" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = null, hosts = ["*.example"] }, { paths = ["/a"], hosts = ["b.example"] }]
  }
  assert {
    condition     = output.codes == tolist(["unreachable-rule"]) && strcontains(output.details, "'/a' is taken by rule 'rule-1'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "same_conditions_and_more" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a"], methods = ["GET", "PUT"], sources = ["192.0.2.0/24"], headers = [{ name = "X-A", values = ["1"] }] }, { paths = ["/a"], methods = ["PUT"], sources = ["192.0.2.0/24"], headers = [{ name = "x-a", values = ["1"] }, { name = "X-B", values = ["1"] }] }]
  }
  assert {
    condition     = output.codes == tolist(["unreachable-rule"]) && strcontains(output.details, "rule 'rule-2'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "networks_within_networks" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a"], sources = ["192.0.2.0/24"] }, { paths = ["/a"], sources = ["192.0.2.128/25"] }]
  }
  assert {
    condition     = output.codes == tolist(["unreachable-rule"]) && strcontains(output.details, "rule 'rule-2'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "question_mark_does_not_cover_a_star" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a/?"] }, { paths = ["/a/*"] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "dot_is_a_dot" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a.b"] }, { paths = ["/axb"] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "case_counts_in_paths" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/A/*"] }, { paths = ["/a/b"] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "other_method" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a"], methods = ["GET"] }, { paths = ["/a"] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "other_host" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a"], hosts = ["a.example"] }, { paths = ["/a"], hosts = ["b.example"] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "other_source" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a"], sources = ["192.0.2.0/25"] }, { paths = ["/a"], sources = ["192.0.2.0/24"] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "other_header" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a"], headers = [{ name = "X-A", values = ["1"] }] }, { paths = ["/a"] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "other_query" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ paths = ["/a"], query = [{ values = [{ key = "v", value = "1" }] }] }, { paths = ["/a"] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}
