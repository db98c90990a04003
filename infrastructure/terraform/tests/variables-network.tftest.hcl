# Values of network and load balancer that an environment can't have: each is refused by the variable that it was given to.

variables {
  environment = "test"
  region      = "eu-central-1"
  image       = "registry.example.org/hokusai:1"
  http_mode   = "rules"
}

run "environment" {
  command = plan
  variables {
    environment = "Prod"
  }
  expect_failures = [var.environment]
}

run "environment_too_long" {
  command = plan
  variables {
    environment = "production-west"
  }
  expect_failures = [var.environment]
}

run "environment_with_a_hyphen_at_the_end" {
  command = plan
  variables {
    environment = "test-"
  }
  expect_failures = [var.environment]
}

run "environment_with_two_hyphens" {
  command = plan
  variables {
    environment = "test--a"
  }
  expect_failures = [var.environment]
}

run "region" {
  command = plan
  variables {
    region = "Frankfurt"
  }
  expect_failures = [var.region]
}

run "kms_key_arn" {
  command = plan
  variables {
    kms_key_arn = "alias/hokusai"
  }
  expect_failures = [var.kms_key_arn]
}

run "vpc_too_small" {
  command = plan
  variables {
    vpc_cidr = "10.20.0.0/24"
  }
  expect_failures = [var.vpc_cidr]
}

run "one_zone" {
  command = plan
  variables {
    availability_zones = 1
  }
  expect_failures = [var.availability_zones]
}

run "existing_network_with_one_subnet" {
  command = plan
  variables {
    existing_network = { vpc_id = "vpc-1", public_subnet_ids = ["subnet-1"], public_subnet_cidrs = ["192.0.2.0/28"], private_subnet_ids = ["subnet-2", "subnet-3"] }
  }
  expect_failures = [var.existing_network]
}

run "egress" {
  command = plan
  variables {
    egress = "internet"
  }
  expect_failures = [var.egress]
}

run "namespace" {
  command = plan
  variables {
    namespace = "hokusai"
  }
  expect_failures = [var.namespace]
}

run "discovery_ttl" {
  command = plan
  variables {
    discovery_ttl_seconds = 61
  }
  expect_failures = [var.discovery_ttl_seconds]
}

run "certificate_arn" {
  command = plan
  variables {
    certificate_arn = "arn:aws:iam::111122223333:server-certificate/x"
  }
  expect_failures = [var.certificate_arn]
}

run "public_name_with_a_scheme" {
  command = plan
  variables {
    public_name = "https://mlflow.example.org"
  }
  expect_failures = [var.public_name]
}

run "public_name_without_a_domain" {
  command = plan
  variables {
    public_name = "mlflow"
  }
  expect_failures = [var.public_name]
}

run "tls_policy_of_old" {
  command = plan
  variables {
    tls_policy = "ELBSecurityPolicy-2016-08"
  }
  expect_failures = [var.tls_policy]
}

run "redirect_to_nowhere" {
  command = plan
  variables {
    http_mode = "redirect"
  }
  expect_failures = [var.http_mode]
}

run "http_mode" {
  command = plan
  variables {
    http_mode = "https"
  }
  expect_failures = [var.http_mode]
}

run "no_clients" {
  command = plan
  variables {
    client_cidrs = []
  }
  expect_failures = [var.client_cidrs]
}

run "direct_access_for_everybody" {
  command = plan
  variables {
    direct_access_cidrs = ["0.0.0.0/0"]
    direct_access_hosts = ["mlflow.example.org"]
  }
  expect_failures = [var.direct_access_cidrs]
}

run "direct_access_of_four_networks" {
  command = plan
  variables {
    direct_access_cidrs = ["192.0.2.0/26", "192.0.2.64/26", "192.0.2.128/26", "192.0.2.192/26"]
    direct_access_hosts = ["mlflow.example.org"]
  }
  expect_failures = [var.direct_access_cidrs]
}

run "direct_access_without_hosts" {
  command = plan
  variables {
    direct_access_cidrs = ["192.0.2.0/24"]
  }
  expect_failures = [var.direct_access_hosts]
}

run "idle_timeout_above_the_keep_alive" {
  command = plan
  variables {
    idle_timeout_seconds = 130
  }
  expect_failures = [var.idle_timeout_seconds]
}

run "idle_timeout_below_the_deadlines" {
  command = plan
  variables {
    idle_timeout_seconds = 30
  }
  expect_failures = [var.idle_timeout_seconds]
}

run "target_group_that_is_none" {
  command = plan
  variables {
    target_groups = { web = {} }
  }
  expect_failures = [var.target_groups]
}

run "target_group_interval" {
  command = plan
  variables {
    target_groups = { api = { interval_seconds = 4 } }
  }
  expect_failures = [var.target_groups]
}

run "target_group_timeout" {
  command = plan
  variables {
    target_groups = { api = { timeout_seconds = 121 } }
  }
  expect_failures = [var.target_groups]
}

run "target_group_threshold" {
  command = plan
  variables {
    target_groups = { api = { healthy_threshold = 1 } }
  }
  expect_failures = [var.target_groups]
}

run "target_group_matcher" {
  command = plan
  variables {
    target_groups = { api = { health_check_matcher = "500" } }
  }
  expect_failures = [var.target_groups]
}

run "target_group_deregistration" {
  command = plan
  variables {
    target_groups = { api = { deregistration_delay_seconds = 3601 } }
  }
  expect_failures = [var.target_groups]
}
