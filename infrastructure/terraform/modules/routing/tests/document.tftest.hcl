# Faults of the document as a whole. Each run has one fault and expects its code, and its value in the text.

run "no_targets" {
  command = plan
  module { source = "./tests/case" }
  variables {
    document = { default = { status = 404, content_type = "application/json", body = "" }, rules = [{ name = "a", priority = 1, paths = ["/a"], target = "api" }] }
  }
  assert {
    condition     = output.codes == tolist(["no-target", "unknown-target"]) && strcontains(output.details, "targets: none given")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "no_default" {
  command = plan
  module { source = "./tests/case" }
  variables {
    document = { targets = { api = { port = 8001 } }, rules = [] }
  }
  assert {
    condition     = output.codes == tolist(["fixed-response"]) && strcontains(output.details, "default: its status is 0") && strcontains(output.details, "content_type is ''")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "default_that_redirects" {
  command = plan
  module { source = "./tests/case" }
  variables {
    default = { status = 302 }
  }
  assert {
    condition     = output.codes == tolist(["fixed-response"]) && strcontains(output.details, "its status is 302")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "default_content_type" {
  command = plan
  module { source = "./tests/case" }
  variables {
    default = { content_type = "application/xml" }
  }
  assert {
    condition     = output.codes == tolist(["fixed-response"]) && strcontains(output.details, "content_type is 'application/xml'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "default_body_too_long" {
  command = plan
  module { source = "./tests/case" }
  variables {
    default = { body = format("%1025s", "x") }
  }
  assert {
    condition     = output.codes == tolist(["fixed-response"]) && strcontains(output.details, "has 1025 characters")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "default_body_at_the_limit" {
  command = plan
  module { source = "./tests/case" }
  variables {
    default = { body = format("%1024s", "x") }
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "too_many_rules" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [for i in range(51) : {}]
  }
  assert {
    condition     = output.codes == tolist(["rule-count"]) && strcontains(output.details, "51 rules")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "field_that_does_not_exist" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ path = "/x" }]
  }
  assert {
    condition     = output.codes == tolist(["unknown-field"]) && strcontains(output.details, "the field 'path' does not exist")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}
