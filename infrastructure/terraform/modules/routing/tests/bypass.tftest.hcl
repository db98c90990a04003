# Ways past the gateway and its key check.

run "mlflows_path" {
  command = plan
  module { source = "./tests/case" }
  variables {
    direct_access_cidrs = ["192.0.2.0/24"]
    rules               = [{ paths = ["/api/mlflow/*"], target = "mlflow", direct_access = true }]
  }
  assert {
    condition     = output.codes == tolist(["gateway-bypass"]) && strcontains(output.details, "rule 'rule-1': sends paths of /api to mlflow")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "pattern_of_api" {
  command = plan
  module { source = "./tests/case" }
  variables {
    direct_access_cidrs = ["192.0.2.0/24"]
    rules               = [{ paths = ["/api*"], target = "mlflow", direct_access = true }]
  }
  assert {
    condition     = output.codes == tolist(["gateway-bypass"]) && strcontains(output.details, "rule 'rule-1': sends paths of /api to mlflow")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "catch_all" {
  command = plan
  module { source = "./tests/case" }
  variables {
    direct_access_cidrs = ["192.0.2.0/24"]
    rules               = [{ paths = ["/*"], target = "mlflow", direct_access = true }]
  }
  assert {
    condition     = output.codes == tolist(["gateway-bypass"]) && strcontains(output.details, "rule 'rule-1': sends paths of /api to mlflow")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "question_mark" {
  command = plan
  module { source = "./tests/case" }
  variables {
    direct_access_cidrs = ["192.0.2.0/24"]
    rules               = [{ paths = ["/a?i/x"], target = "mlflow", direct_access = true }]
  }
  assert {
    condition     = output.codes == tolist(["gateway-bypass"]) && strcontains(output.details, "rule 'rule-1': sends paths of /api to mlflow")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "api_itself" {
  command = plan
  module { source = "./tests/case" }
  variables {
    direct_access_cidrs = ["192.0.2.0/24"]
    rules               = [{ paths = ["/api"], target = "mlflow", direct_access = true }]
  }
  assert {
    condition     = output.codes == tolist(["gateway-bypass"]) && strcontains(output.details, "rule 'rule-1': sends paths of /api to mlflow")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "star_in_front" {
  command = plan
  module { source = "./tests/case" }
  variables {
    direct_access_cidrs = ["192.0.2.0/24"]
    rules               = [{ paths = ["/*/mlflow/special"], target = "mlflow", direct_access = true }]
  }
  assert {
    condition     = output.codes == tolist(["gateway-bypass"]) && strcontains(output.details, "rule 'rule-1': sends paths of /api to mlflow")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "no_path_at_all" {
  command = plan
  module { source = "./tests/case" }
  variables {
    direct_access_cidrs = ["192.0.2.0/24"]
    rules               = [{ paths = null, hosts = ["a.example"], target = "mlflow", direct_access = true }]
  }
  assert {
    condition     = output.codes == tolist(["gateway-bypass"]) && strcontains(output.details, "rule 'rule-1'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "a_share_of_the_traffic" {
  command = plan
  module { source = "./tests/case" }
  variables {
    direct_access_cidrs = ["192.0.2.0/24"]
    rules               = [{ paths = ["/api/*"], target = null, forward = [{ target = "api", weight = 9 }, { target = "mlflow", weight = 1 }], direct_access = true }]
  }
  assert {
    condition     = output.codes == tolist(["gateway-bypass"]) && strcontains(output.details, "rule 'rule-1'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "behind_a_rule_for_some_methods" {
  command = plan
  module { source = "./tests/case" }
  variables {
    direct_access_cidrs = ["192.0.2.0/24"]
    rules               = [{ paths = ["/api", "/api/*"], methods = ["GET"] }, { paths = ["/*"], target = "mlflow", direct_access = true }]
  }
  assert {
    condition     = output.codes == tolist(["gateway-bypass"]) && strcontains(output.details, "rule 'rule-2'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "behind_half_of_api" {
  command = plan
  module { source = "./tests/case" }
  variables {
    direct_access_cidrs = ["192.0.2.0/24"]
    rules               = [{ paths = ["/api/*"] }, { paths = ["/*"], target = "mlflow", direct_access = true }]
  }
  assert {
    condition     = output.codes == tolist(["gateway-bypass"]) && strcontains(output.details, "rule 'rule-2'")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "catch_all_behind_all_of_api" {
  command = plan
  module { source = "./tests/case" }
  variables {
    direct_access_cidrs = ["192.0.2.0/24"]
    rules               = [{ paths = ["/api", "/api/*"] }, { paths = ["/*"], target = "mlflow", direct_access = true }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "other_paths" {
  command = plan
  module { source = "./tests/case" }
  variables {
    direct_access_cidrs = ["192.0.2.0/24"]
    rules               = [{ paths = ["/mlflow", "/mlflow/*", "/apix"], target = "mlflow", direct_access = true }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "without_direct_access" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = "mlflow" }]
  }
  assert {
    condition     = output.codes == tolist(["direct-access-without-sources"]) && strcontains(output.details, "goes to mlflow without direct_access")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "share_without_direct_access" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = null, forward = [{ target = "api", weight = 9 }, { target = "mlflow", weight = 1 }] }]
  }
  assert {
    condition     = output.codes == tolist(["direct-access-without-sources"]) && strcontains(output.details, "goes to mlflow without direct_access")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "sources_of_its_own" {
  command = plan
  module { source = "./tests/case" }
  variables {
    rules = [{ target = "mlflow", sources = ["192.0.2.0/24"] }]
  }
  assert {
    condition     = output.codes == tolist([])
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "open_to_everybody" {
  command = plan
  module { source = "./tests/case" }
  variables {
    direct_access_cidrs = ["0.0.0.0/0"]
    rules               = [{ target = "mlflow", direct_access = true }]
  }
  assert {
    condition     = output.codes == tolist(["direct-access-without-sources"]) && strcontains(output.details, "open to everybody")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}

run "sources_beside_direct_access" {
  command = plan
  module { source = "./tests/case" }
  variables {
    direct_access_cidrs = ["192.0.2.0/24"]
    rules               = [{ target = "mlflow", direct_access = true, sources = ["192.0.2.0/25"] }]
  }
  assert {
    condition     = output.codes == tolist(["direct-access-without-sources"]) && strcontains(output.details, "leave sources out")
    error_message = "Found: ${jsonencode(output.codes)}. ${output.details}"
  }
}
