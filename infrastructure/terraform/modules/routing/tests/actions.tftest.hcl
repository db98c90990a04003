# Faults of what rules do, and values at their limits that are none.

run "no_action" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null }]
  }
  assert {
    condition     = output.codes == tolist(["action-count"]) && strcontains(output.details, "has 0 actions")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "two_actions" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ fixed_response = { status = 503, content_type = "text/plain", body = "" } }]
  }
  assert {
    condition     = output.codes == tolist(["action-count"]) && strcontains(output.details, "has 2 actions")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "forward_to_nothing" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, forward = [] }]
  }
  assert {
    condition     = output.codes == tolist(["weight-range"]) && strcontains(output.details, "forwards to nothing")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "unknown_target" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = "apii" }]
  }
  assert {
    condition     = output.codes == tolist(["unknown-target"]) && strcontains(output.details, "target 'apii' is not among the targets (api, mlflow)")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "unknown_target_in_forward" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, forward = [{ target = "api", weight = 9 }, { target = "canary", weight = 1 }] }]
  }
  assert {
    condition     = output.codes == tolist(["unknown-target"]) && strcontains(output.details, "target 'canary'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "weight_above" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, forward = [{ target = "api", weight = 1000 }] }]
  }
  assert {
    condition     = output.codes == tolist(["weight-range"]) && strcontains(output.details, "weight 1000")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "weights_all_zero" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, forward = [{ target = "api", weight = 0 }] }]
  }
  assert {
    condition     = output.codes == tolist(["weight-range"]) && strcontains(output.details, "all weights are 0")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "six_target_groups" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { for i in range(6) : "t${i}" => { port = 1 } }
    rules   = [{ target = null, forward = [for i in range(6) : { target = "t${i}", weight = 1 }] }]
  }
  assert {
    condition     = output.codes == tolist(["weight-range"]) && strcontains(output.details, "forwards to 6")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "twin_target_groups" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, forward = [{ target = "api", weight = 1 }, { target = "api", weight = 2 }] }]
  }
  assert {
    condition     = output.codes == tolist(["weight-range"]) && strcontains(output.details, "one target group twice")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "weights_at_the_limits" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { canary = { port = 8001 } }
    rules   = [{ target = null, forward = [{ target = "api", weight = 999 }, { target = "canary", weight = 0 }] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "redirect_status" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, redirect = { status = 307, protocol = "HTTPS", port = "443" } }]
  }
  assert {
    condition     = output.codes == tolist(["redirect"]) && strcontains(output.details, "redirects with 307")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "redirect_to_http" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, redirect = { status = 301, protocol = "HTTP", port = "80" } }]
  }
  assert {
    condition     = output.codes == tolist(["redirect"]) && strcontains(output.details, "on which keys travel in the clear")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "redirect_to_itself" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, redirect = { status = 301 } }]
  }
  assert {
    condition     = output.codes == tolist(["redirect"]) && strcontains(output.details, "redirects to where the request came")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "redirect_port" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, redirect = { status = 301, protocol = "HTTPS", port = "https" } }]
  }
  assert {
    condition     = output.codes == tolist(["redirect"]) && strcontains(output.details, "port 'https'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "redirect_host" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, redirect = { status = 301, host = "" } }]
  }
  assert {
    condition     = output.codes == tolist(["redirect"]) && strcontains(output.details, "redirects to no host")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "redirect_path" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, redirect = { status = 302, path = "login" } }]
  }
  assert {
    condition     = output.codes == tolist(["redirect"]) && strcontains(output.details, "path 'login'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "redirect_too_long" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, redirect = { status = 302, path = "/${join("", [for i in range(128) : "x"])}" } }]
  }
  assert {
    condition     = output.codes == tolist(["redirect"]) && strcontains(output.details, "128 characters each")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "redirect_to_https" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, redirect = { status = 301, protocol = "HTTPS", port = "443" } }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "fixed_response_status" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, fixed_response = { status = 100, content_type = "text/plain", body = "" } }]
  }
  assert {
    condition     = output.codes == tolist(["fixed-response"]) && strcontains(output.details, "answers 100")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "fixed_response_content_type" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, fixed_response = { status = 503, content_type = "image/png", body = "" } }]
  }
  assert {
    condition     = output.codes == tolist(["fixed-response"]) && strcontains(output.details, "'image/png'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "fixed_response_body" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, fixed_response = { status = 503, content_type = "text/plain", body = format("%1025s", "x") } }]
  }
  assert {
    condition     = output.codes == tolist(["fixed-response"]) && strcontains(output.details, "has 1025 characters")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "fixed_response" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, fixed_response = { status = 503, content_type = "text/plain", body = "closed" } }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "rewrite_that_can_not_be_read" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ rewrite = { regex = "^/(", replace = "/" } }]
  }
  assert {
    condition     = output.codes == tolist(["rewrite"]) && strcontains(output.details, "the expression '^/(' can't be read")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "host_rewrite_that_can_not_be_read" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ host_rewrite = { regex = "(?<=x)", replace = "y" } }]
  }
  assert {
    condition     = output.codes == tolist(["rewrite"]) && strcontains(output.details, "host_rewrite: ")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "rewrite_of_what_is_not_forwarded" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, fixed_response = { status = 503, content_type = "text/plain", body = "" }, rewrite = { regex = "^/a", replace = "/b" } }]
  }
  assert {
    condition     = output.codes == tolist(["rewrite"]) && strcontains(output.details, "rewrites what it does not forward")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "rewrites" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ rewrite = { regex = "^/a/(.*)$", replace = "/$1" }, host_rewrite = { regex = "^(.*)$", replace = "x.example" } }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}
