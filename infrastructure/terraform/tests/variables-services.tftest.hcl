# Values of services, data and alarms that an environment can't have: each is refused by the variable that it was given to.

variables {
  environment = "test"
  region      = "eu-central-1"
  image       = "registry.example.org/hokusai:1"
  http_mode   = "rules"
}

run "image_of_today" {
  command = plan
  variables {
    image = "registry.example.org/hokusai:latest"
  }
  expect_failures = [var.image]
}

run "image_that_the_roles_may_not_pull" {
  command = plan
  variables {
    image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/hokusai:1"
  }
  expect_failures = [var.image_repository_arns]
}

run "image_of_another_repository" {
  command = plan
  variables {
    image_repository_arns = ["arn:aws:ecr:eu-central-1:111122223333:repository/hokusai"]
    services              = { mlflow = { image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/mlflow:3.4.0", command = ["mlflow", "server"], health_command = ["true"] } }
  }
  expect_failures = [var.image_repository_arns]
}

run "image_that_no_endpoint_leads_to" {
  command = plan
  variables {
    egress = "endpoints"
  }
  expect_failures = [var.egress]
}

run "image_in_another_region_than_the_endpoints" {
  command = plan
  variables {
    egress                = "endpoints"
    image                 = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/hokusai:1"
    image_repository_arns = ["arn:aws:ecr:eu-west-1:111122223333:repository/hokusai"]
  }
  expect_failures = [var.egress]
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

run "database_that_can_hardly_grow" {
  command = plan
  variables {
    databases = { storage_gib = 100, most_storage_gib = 105 }
  }
  expect_failures = [var.databases]
}

run "database_with_a_suffix_that_is_none" {
  command = plan
  variables {
    databases = { final_snapshot_suffix = "final-" }
  }
  expect_failures = [var.databases]
}

run "database_upgraded_some_day" {
  command = plan
  variables {
    databases = { engine_version = "18", major_upgrade = true }
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
