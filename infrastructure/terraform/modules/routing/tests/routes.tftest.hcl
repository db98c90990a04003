# The table that is shipped.

variables {
  document            = jsondecode(file("../../routes.json"))
  direct_access_cidrs = ["192.0.2.0/24", "2001:db8:40::/48"]
}

run "table" {
  command = plan
  assert {
    condition     = length(output.violations) == 0
    error_message = jsonencode(output.violations)
  }
  assert {
    condition     = output.default.status == 404 && output.default.content_type == "application/json"
    error_message = "What no rule takes must get a 404 in JSON."
  }
  assert {
    condition     = length(distinct([for rule in output.rules : rule.priority])) == length(output.rules)
    error_message = "Two rules have one priority."
  }
  assert {
    condition     = alltrue([for name, rule in output.rules : rule.direct_access == contains([for group in rule.action.forward : group.target], "mlflow")])
    error_message = "Exactly the rules with direct access may go to mlflow."
  }
  assert {
    condition     = alltrue([for rule in output.rules : jsonencode(rule.conditions.sources) == jsonencode(["192.0.2.0/24", "2001:db8:40::/48"]) if rule.direct_access])
    error_message = "A rule with direct access must ask for the configured networks."
  }
  assert {
    condition     = jsonencode(output.rules["mlflow-direct-rest"].transforms) == jsonencode([{ type = "url-rewrite", regex = "^/mlflow/api/(.*)$", replace = "/api/$1" }])
    error_message = "MLflow knows its REST paths without a prefix: ${jsonencode(output.rules["mlflow-direct-rest"].transforms)}"
  }
  assert {
    condition     = jsonencode(output.http_rules) == jsonencode(output.rules)
    error_message = "By default both listeners do the same."
  }
}

run "urls" {
  command = plan
  module { source = "./tests/probe" }
  variables {
    rules = run.table.rules
    cases = jsondecode(file("../../../../tests/cases/listener-urls.json"))
  }
  assert {
    condition     = length(output.wrong) == 0
    error_message = join("\n", output.wrong)
  }
  assert {
    condition     = output.checked >= 500 && output.skipped == 0
    error_message = "${output.checked} cases were matched and ${output.skipped} skipped for their headers or query."
  }
}

run "without_networks" {
  command = plan
  variables {
    direct_access_cidrs = []
  }
  assert {
    condition     = length(output.rules) > 0 && length([for rule in output.rules : rule if rule.direct_access || contains([for group in rule.action.forward : group.target], "mlflow")]) == 0
    error_message = "Without networks no rule may go past the gateway: ${join(", ", keys(output.rules))}"
  }
}

run "redirect" {
  command = plan
  variables {
    http_mode = "redirect"
  }
  assert {
    condition     = keys(output.http_rules) == keys(output.rules) && alltrue([for name, rule in output.http_rules : jsonencode(rule.conditions) == jsonencode(output.rules[name].conditions) && rule.priority == output.rules[name].priority])
    error_message = "What is redirected must be what the HTTPS listener takes."
  }
  assert {
    condition     = alltrue([for rule in output.http_rules : rule.action.type == "redirect" && jsonencode(rule.action.redirect) == jsonencode({ status = 301, protocol = "HTTPS", host = "#{host}", port = "443", path = "/#{path}", query = "#{query}" }) && length(rule.action.forward) == 0 && length(rule.transforms) == 0])
    error_message = "Nothing may be forwarded over HTTP."
  }
}

run "mode_that_does_not_exist" {
  command = plan
  variables {
    http_mode = "https"
  }
  expect_failures = [var.http_mode]
}

run "a_fault_stops_the_plan" {
  command = plan
  variables {
    document = merge(jsondecode(file("../../routes.json")), { targets = {} })
  }
  expect_failures = [terraform_data.contract]
}

run "no_document" {
  command = plan
  variables {
    document = null
    enforce  = false
  }
  assert {
    condition     = contains([for violation in output.violations : violation.code], "no-target")
    error_message = "A table that is not there has faults, and no error of Terraform's own."
  }
}
