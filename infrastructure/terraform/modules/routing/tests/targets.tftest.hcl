# Faults of target groups, and values at their limits that are none.

run "name" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { "Canary_1" = { port = 1 } }
  }
  assert {
    condition     = output.codes == tolist(["target-name"]) && strcontains(output.details, "target 'Canary_1'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "port" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { port = 65536 } }
  }
  assert {
    condition     = output.codes == tolist(["port-range"]) && strcontains(output.details, "its port is 65536")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "protocol" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { protocol = "TCP" } }
  }
  assert {
    condition     = output.codes == tolist(["target-protocol"]) && strcontains(output.details, "its protocol is 'TCP'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_path" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "health" } } }
  }
  assert {
    condition     = output.codes == tolist(["health-check-range"]) && strcontains(output.details, "asks 'health'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_matcher_word" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "/", matcher = "20x" } } }
  }
  assert {
    condition     = output.codes == tolist(["health-check-range"]) && strcontains(output.details, "matcher is '20x'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_matcher_server_error" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "/", matcher = "500" } } }
  }
  assert {
    condition     = output.codes == tolist(["health-check-range"]) && strcontains(output.details, "matcher is '500'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_matcher_open_list" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "/", matcher = "200," } } }
  }
  assert {
    condition     = output.codes == tolist(["health-check-range"]) && strcontains(output.details, "matcher is '200,'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_matcher_open_range" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "/", matcher = "200-" } } }
  }
  assert {
    condition     = output.codes == tolist(["health-check-range"]) && strcontains(output.details, "matcher is '200-'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_matcher_list_and_range" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "/", matcher = "200,204-299" } } }
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_interval_seconds_below" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "/", interval_seconds = 4, timeout_seconds = 2 } } }
  }
  assert {
    condition     = output.codes == tolist(["health-check-range"]) && strcontains(output.details, "is 4")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_interval_seconds_above" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "/", interval_seconds = 301, timeout_seconds = 2 } } }
  }
  assert {
    condition     = output.codes == tolist(["health-check-range"]) && strcontains(output.details, "is 301")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_timeout_seconds_below" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "/", timeout_seconds = 1, interval_seconds = 300 } } }
  }
  assert {
    condition     = output.codes == tolist(["health-check-range"]) && strcontains(output.details, "is 1")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_timeout_seconds_above" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "/", timeout_seconds = 121, interval_seconds = 300 } } }
  }
  assert {
    condition     = output.codes == tolist(["health-check-range"]) && strcontains(output.details, "is 121")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_healthy_threshold_below" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "/", healthy_threshold = 1 } } }
  }
  assert {
    condition     = output.codes == tolist(["health-check-range"]) && strcontains(output.details, "is 1")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_healthy_threshold_above" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "/", healthy_threshold = 11 } } }
  }
  assert {
    condition     = output.codes == tolist(["health-check-range"]) && strcontains(output.details, "is 11")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_unhealthy_threshold_below" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "/", unhealthy_threshold = 1 } } }
  }
  assert {
    condition     = output.codes == tolist(["health-check-range"]) && strcontains(output.details, "is 1")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_unhealthy_threshold_above" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "/", unhealthy_threshold = 11 } } }
  }
  assert {
    condition     = output.codes == tolist(["health-check-range"]) && strcontains(output.details, "is 11")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_timeout_not_below_the_interval" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "/", interval_seconds = 10, timeout_seconds = 10 } } }
  }
  assert {
    condition     = output.codes == tolist(["health-check-range"]) && strcontains(output.details, "timeout (10 s) is not below the interval (10 s)")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "health_check_at_the_limits" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { health_check = { path = "/", interval_seconds = 300, timeout_seconds = 120, healthy_threshold = 10, unhealthy_threshold = 2 } }, mlflow = { health_check = { path = "/", interval_seconds = 5, timeout_seconds = 2, healthy_threshold = 2, unhealthy_threshold = 10 } } }
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "deregistration_delay" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { deregistration_delay_seconds = 3601 } }
  }
  assert {
    condition     = output.codes == tolist(["deregistration-delay-range"]) && strcontains(output.details, "deregistration delay is 3601 s")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "algorithm" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { algorithm = "random" } }
  }
  assert {
    condition     = output.codes == tolist(["target-algorithm"]) && strcontains(output.details, "algorithm is 'random'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "slow_start" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { slow_start_seconds = 29 } }
  }
  assert {
    condition     = output.codes == tolist(["slow-start-range"]) && strcontains(output.details, "slow start is 29 s")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "slow_start_with_another_algorithm" {
  command = plan
  module { source = "./tests/case" }
  variables {
    targets = { api = { slow_start_seconds = 30, algorithm = "least_outstanding_requests" } }
  }
  assert {
    condition     = output.codes == tolist(["slow-start-range"]) && strcontains(output.details, "slow start needs")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}
