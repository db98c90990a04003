# Values that an environment can't have: each is refused by the variable that it was given to.

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

run "image_of_today" {
  command = plan
  variables {
    image = "registry.example.org/hokusai:latest"
  }
  expect_failures = [var.image]
}

run "architecture" {
  command = plan
  variables {
    architecture = "RISCV"
  }
  expect_failures = [var.architecture]
}

run "service_that_is_none" {
  command = plan
  variables {
    services = { web = {} }
  }
  expect_failures = [var.services]
}

run "service_processor" {
  command = plan
  variables {
    services = { api = { cpu = 300 } }
  }
  expect_failures = [var.services]
}

run "service_image_without_command" {
  command = plan
  variables {
    services = { mlflow = { image = "registry.example.org/mlflow:3.4.0" } }
  }
  expect_failures = [var.services]
}

run "service_least_above_most" {
  command = plan
  variables {
    services = { api = { least_tasks = 3, most_tasks = 2 } }
  }
  expect_failures = [var.services]
}

run "log_level" {
  command = plan
  variables {
    log_level = "Trace"
  }
  expect_failures = [var.log_level]
}

run "container_insights" {
  command = plan
  variables {
    container_insights = "on"
  }
  expect_failures = [var.container_insights]
}

run "pepper_twice" {
  command = plan
  variables {
    peppers = ["1", "1"]
  }
  expect_failures = [var.peppers]
}

run "administration_for_everybody" {
  command = plan
  variables {
    admin_cidrs = ["0.0.0.0/0"]
  }
  expect_failures = [var.admin_cidrs]
}

run "database_without_backups" {
  command = plan
  variables {
    databases = { backup_days = 0 }
  }
  expect_failures = [var.databases]
}

run "database_storage" {
  command = plan
  variables {
    databases = { storage_gib = 100, most_storage_gib = 50 }
  }
  expect_failures = [var.databases]
}

run "cache_without_nodes" {
  command = plan
  variables {
    cache = { nodes = 0 }
  }
  expect_failures = [var.cache]
}

run "log_retention" {
  command = plan
  variables {
    log_retention_days = 31
  }
  expect_failures = [var.log_retention_days]
}

run "alarm_that_is_none" {
  command = plan
  variables {
    alarm_thresholds = { elb-500 = 1 }
  }
  expect_failures = [aws_cloudwatch_metric_alarm.this]
}
