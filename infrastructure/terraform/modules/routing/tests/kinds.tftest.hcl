# Every kind of condition and action as a listener rule has it, and how the rules of a table take requests.

run "every_kind" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { canary = { port = 8001 } }
    rules = [
      { hosts = ["Registry.example.org"], methods = ["GET", "HEAD"], headers = [{ name = "X-Beta", values = ["1*"] }] },
      { query = [{ values = [{ key = "v", value = "1*" }, { value = "x" }] }], target = null, forward = [{ target = "api", weight = 9 }, { target = "canary", weight = 1 }] },
      { sources = ["192.0.2.0/24", "2001:db8::/32"], target = null, redirect = { status = 302, path = "/away" } },
      { paths = ["/closed/*"], target = null, fixed_response = { status = 503, content_type = "text/plain", body = "closed" } },
      { paths = ["/p?th.x/*"], host_rewrite = { regex = "^(.*)$", replace = "x.example" }, rewrite = { regex = "^/p", replace = "/q" } },
      { paths = ["/p*"], methods = ["PUT"] },
    ]
  }
  assert {
    condition     = length(output.codes) == 0
    error_message = output.details
  }
  assert {
    condition     = jsonencode(output.rules["rule-1"].conditions) == jsonencode({ paths = ["/path-1"], hosts = ["Registry.example.org"], methods = ["GET", "HEAD"], sources = [], headers = [{ name = "X-Beta", values = ["1*"] }], query = [] })
    error_message = jsonencode(output.rules["rule-1"].conditions)
  }
  assert {
    condition     = jsonencode(output.rules["rule-2"].conditions.query) == jsonencode([[{ key = "v", value = "1*" }, { key = null, value = "x" }]]) && jsonencode(output.rules["rule-2"].action.forward) == jsonencode([{ target = "api", weight = 9 }, { target = "canary", weight = 1 }])
    error_message = jsonencode(output.rules["rule-2"])
  }
  assert {
    condition     = output.rules["rule-3"].action.type == "redirect" && output.rules["rule-3"].action.redirect == { status = 302, protocol = "#{protocol}", host = "#{host}", port = "#{port}", path = "/away", query = "#{query}" }
    error_message = jsonencode(output.rules["rule-3"])
  }
  assert {
    condition     = output.rules["rule-4"].action.type == "fixed-response" && output.rules["rule-4"].action.fixed_response == { status = 503, content_type = "text/plain", body = "closed" }
    error_message = jsonencode(output.rules["rule-4"])
  }
  assert {
    condition     = [for transform in output.rules["rule-5"].transforms : transform.type] == ["url-rewrite", "host-header-rewrite"]
    error_message = jsonencode(output.rules["rule-5"])
  }
}

run "requests" {
  command = plan
  module { source = "./tests/probe" }
  variables {
    rules = run.every_kind.rules
    cases = [
      { id = "header", path = "/path-1", host = "registry.example.org", headers = { "X-Beta" = "12" }, rule = "rule-1" },
      { id = "host without its header", path = "/path-1", host = "registry.EXAMPLE.org", rule = "default" },
      { id = "network", path = "/path-3", source = "192.0.2.255", rule = "rule-3" },
      { id = "network of version 6", path = "/path-3", source = "2001:db8:1::7", rule = "rule-3" },
      { id = "outside of the network", path = "/path-3", source = "192.0.3.0", rule = "default" },
      { id = "any number of slashes", path = "/closed/a/b//c", rule = "rule-4" },
      { id = "the pattern's slash counts", path = "/closed", rule = "default" },
      { id = "one character", path = "/pXth.x/", rule = "rule-5" },
      { id = "one character, not two", path = "/pXXth.x/", rule = "default" },
      { id = "a dot is a dot", path = "/pXth-x/", rule = "default" },
      { id = "method", path = "/pXXth.x/", method = "PUT", rule = "rule-6" },
      { id = "the case of a method counts", path = "/pXXth.x/", method = "put", rule = "default" },
      { id = "priority", path = "/path.x/", method = "PUT", rule = "rule-5" },
    ]
  }
  assert {
    condition     = length(output.wrong) == 0
    error_message = join("\n", output.wrong)
  }
  assert {
    condition     = output.checked == 12 && output.skipped == 1
    error_message = "${output.checked} cases were matched and ${output.skipped} skipped."
  }
}

run "a_wrong_rule_is_told" {
  command = plan
  module { source = "./tests/probe" }
  variables {
    rules = run.every_kind.rules
    cases = [{ id = "seeded", path = "/closed/x", rule = "rule-1" }]
  }
  assert {
    condition     = output.wrong == ["seeded: GET /closed/x from ? goes to 'rule-4', must go to 'rule-1'"]
    error_message = jsonencode(output.wrong)
  }
}
