# What an environment may choose, and what follows from it.

variables {
  environment     = "test"
  region          = "eu-central-1"
  image           = "registry.example.org/hokusai:1"
  certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"
}

run "as_it_is" {
  command = plan
  assert {
    condition     = toset([for name, rule in aws_lb_listener_rule.this : trimprefix(name, "http/") if startswith(name, "http/")]) == toset([for name, rule in aws_lb_listener_rule.this : trimprefix(name, "https/") if startswith(name, "https/")])
    error_message = "Both listeners must have the same rules."
  }
  assert {
    condition     = alltrue([for name, rule in aws_lb_listener_rule.this : rule.action[0].type == (startswith(name, "https/") ? "forward" : "redirect")])
    error_message = "HTTPS forwards; HTTP only sends there."
  }
  assert {
    condition     = !contains(keys(aws_lb_target_group.this), "mlflow") && !contains(keys(aws_vpc_security_group_ingress_rule.flow), "alb-mlflow")
    error_message = "Without direct access the load balancer has no way to mlflow."
  }
  assert {
    condition     = [for name, flow in local.flows : name if flow.to == "mlflow"] == ["api-mlflow"] && [for name, flow in local.flows : name if flow.to == "auth"] == ["alb-auth", "api-auth"]
    error_message = "Only the gateway reaches mlflow; only it and the load balancer reach the auth service's public port."
  }
  assert {
    condition     = length([for rule in aws_vpc_security_group_ingress_rule.flow : rule if rule.from_port == 8003]) == 0 && length(aws_vpc_security_group_ingress_rule.administration) == 0 && length(aws_vpc_security_group_ingress_rule.operation) == 0
    error_message = "The administration of keys must be closed, and the gateway to all but the load balancer."
  }
  assert {
    condition     = alltrue([for rule in concat(values(aws_vpc_security_group_ingress_rule.flow), values(aws_vpc_security_group_egress_rule.flow)) : rule.from_port == rule.to_port && rule.cidr_ipv4 == null && rule.ip_protocol == "tcp"])
    error_message = "A flow is one port between two groups."
  }
  assert {
    condition     = aws_lb.this.idle_timeout < 130 && aws_lb.this.xff_header_processing_mode == "append" && aws_lb.this.desync_mitigation_mode == "defensive"
    error_message = "The load balancer must end idle connections before the services do, and tell the gateway the client's address."
  }
  assert {
    condition     = length(aws_elasticache_replication_group.this) == 0 && length(aws_vpc_endpoint.interface) == 0
    error_message = "Cache and endpoints are there when they were chosen."
  }
}

run "direct_access" {
  command = plan
  variables {
    direct_access_cidrs = ["192.0.2.0/24"]
    direct_access_hosts = ["mlflow.example.org"]
  }
  assert {
    condition     = contains(keys(aws_lb_target_group.this), "mlflow") && aws_vpc_security_group_ingress_rule.flow["alb-mlflow"].from_port == 5000
    error_message = "With direct access the load balancer reaches mlflow."
  }
  assert {
    condition     = alltrue([for name, rule in aws_lb_listener_rule.this : anytrue([for condition in rule.condition : try(condition.source_ip[0].values == toset(["192.0.2.0/24"]), false)]) if strcontains(name, "direct")])
    error_message = "Each direct rule must ask for the networks."
  }
}

run "no_certificate" {
  command = plan
  variables {
    certificate_arn = null
    http_mode       = "rules"
  }
  assert {
    condition     = length(aws_lb_listener.https) == 0 && length([for name in keys(aws_lb_listener_rule.this) : name if startswith(name, "https/")]) == 0 && alltrue([for rule in aws_lb_listener_rule.this : rule.action[0].type == "forward"])
    error_message = "Without a certificate there is HTTP alone, and it forwards."
  }
  assert {
    condition     = !contains([for rule in aws_vpc_security_group_ingress_rule.clients : rule.from_port], 443)
    error_message = "Port 443 must be closed."
  }
}

run "endpoints_and_cache" {
  command = plan
  variables {
    egress                = "endpoints"
    image                 = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/hokusai@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    image_repository_arns = ["arn:aws:ecr:eu-central-1:111122223333:repository/hokusai"]
    cache                 = {}
  }
  assert {
    condition     = keys(aws_vpc_endpoint.interface) == ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm"] && length(aws_nat_gateway.this) == 0 && length(aws_route.nat) == 0 && length(aws_vpc_security_group_egress_rule.aws) == 0
    error_message = "With endpoints there is no way out."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.flow["api-cache"].from_port == 6379 && aws_elasticache_replication_group.this[0].transit_encryption_enabled
    error_message = "The cache is the gateway's, and encrypted on the way."
  }
}

run "nat_in_each_zone" {
  command = plan
  variables {
    availability_zones = 3
    nat_per_zone       = true
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(aws_subnet.private) == 3 && length(distinct([for subnet in concat(values(aws_subnet.private), values(aws_subnet.public)) : subnet.cidr_block])) == 6
    error_message = "Each zone has its own subnets and its own way out."
  }
}

run "existing_network" {
  command = plan
  variables {
    existing_network = {
      vpc_id              = "vpc-0123456789abcdef0"
      public_subnet_ids   = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
      public_subnet_cidrs = ["198.51.100.0/28", "198.51.100.16/28"]
      private_subnet_ids  = ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]
    }
  }
  assert {
    condition     = length(aws_vpc.this) == 0 && length(aws_subnet.public) == 0 && length(aws_route.nat) == 0 && aws_lb.this.subnets == toset(["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"])
    error_message = "Nothing of a network is made where there is one."
  }
  assert {
    condition     = local.roles["api"].environment["HOKUSAI_GATEWAY__TRUSTEDPROXIES"] == "198.51.100.0/28,198.51.100.16/28"
    error_message = "The load balancer's subnets, and no others, are trusted."
  }
}

run "the_longest_name" {
  command = plan
  variables {
    environment         = "abcdefghi-12"
    direct_access_cidrs = ["192.0.2.0/24"]
    direct_access_hosts = ["mlflow.example.org"]
    existing_network = {
      vpc_id              = "vpc-0123456789abcdef0"
      public_subnet_ids   = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
      public_subnet_cidrs = ["198.51.100.0/28", "198.51.100.16/28"]
      private_subnet_ids  = ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]
    }
  }
  assert {
    condition     = alltrue([for name, group in aws_lb_target_group.this : length(group.name) <= 32 && can(regex("^hokusai-abcdefghi-12-${name}-[0-9a-f]{4}$", group.name))])
    error_message = "A target group's name has 32 characters at most: ${jsonencode([for group in aws_lb_target_group.this : group.name])}"
  }
  assert {
    condition     = endswith(aws_lb_target_group.this["api"].name, substr(sha256("HTTP 8001 vpc-0123456789abcdef0"), 0, 4))
    error_message = "What forces a successor (protocol, port, network) must be in the name, or the two can't stand beside each other."
  }
}

run "public_name" {
  command = plan
  variables {
    public_name = "mlflow.example.org"
  }
  assert {
    condition     = output.url == "https://mlflow.example.org" && output.tracking_uri == "https://mlflow.example.org/api/mlflow"
    error_message = "Clients come under the name that the certificate is for."
  }
}

run "not_protected" {
  command = plan
  variables {
    deletion_protection = false
    databases           = { final_snapshot_suffix = "second" }
  }
  assert {
    condition     = alltrue([for secret in concat(values(aws_secretsmanager_secret.pepper), [aws_secretsmanager_secret.session]) : secret.recovery_window_in_days == 0])
    error_message = "What is made and destroyed again needs its names again."
  }
  assert {
    condition     = aws_db_instance.this["keys"].final_snapshot_identifier == "hokusai-test-keys-second"
    error_message = "The last snapshot of a second life must not have the name of the first one's."
  }
}

run "targets_of_its_own" {
  command = plan
  variables {
    target_groups = { api = { interval_seconds = 20, timeout_seconds = 10, deregistration_delay_seconds = 300, algorithm = "least_outstanding_requests" } }
  }
  assert {
    condition     = aws_lb_target_group.this["api"].health_check[0].interval == 20 && aws_lb_target_group.this["api"].health_check[0].timeout == 10 && aws_lb_target_group.this["api"].deregistration_delay == "300" && aws_lb_target_group.this["api"].load_balancing_algorithm_type == "least_outstanding_requests"
    error_message = "What an environment says of a target goes over routes.json."
  }
  assert {
    condition     = aws_lb_target_group.this["auth"].health_check[0].interval == local.written_routes.targets.auth.health_check.interval_seconds
    error_message = "What it does not say stays."
  }
  assert {
    condition     = local.drain_seconds == 80 && local.roles["api"].stop_timeout <= 120
    error_message = "The drain must end before Fargate kills, however long the load balancer would wait."
  }
}

run "administration" {
  command = plan
  variables {
    admin_cidrs = ["192.0.2.0/24"]
    peppers     = ["2", "1"]
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.administration["192.0.2.0/24"].from_port == 8003 && contains(local.roles["auth"].command, "8003")
    error_message = "Named networks reach the administration."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.operation["192.0.2.0/24"].from_port == 8001 && aws_vpc_security_group_ingress_rule.operation["192.0.2.0/24"].to_port == 8001
    error_message = "They ask each gateway for its dependencies and metrics."
  }
  assert {
    condition     = local.roles["auth"].environment["HOKUSAI_KEYS__PEPPERS"] == "2=secret:hokusai-test/pepper-2,1=secret:hokusai-test/pepper-1"
    error_message = "The newest pepper stands first: ${local.roles["auth"].environment["HOKUSAI_KEYS__PEPPERS"]}"
  }
}

run "alarms" {
  command = plan
  variables {
    alarm_thresholds = { elb-502 = 50 }
    alarm_emails     = { critical = ["oncall@example.org"] }
    runbook_url      = "https://docs.example.org/runbook"
  }
  assert {
    condition     = length(setsubtract(keys(local.alarms), [for instance in local.alarm_instances : instance.alarm])) == 0
    error_message = "Each alarm watches something."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["elb-502"].threshold == 50 && endswith(aws_cloudwatch_metric_alarm.this["elb-502"].alarm_description, "https://docs.example.org/runbook#elb-502")
    error_message = "An environment's thresholds count, and the description ends with the entry of the runbook."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["target-slow-api"].extended_statistic == "p99" && aws_cloudwatch_metric_alarm.this["gateway-internal"].dimensions == tomap({ Service = "hokusai-test-api", Place = "Internal" })
    error_message = "Percentiles are extended statistics, and the gateway's metrics go by its name."
  }
  assert {
    condition     = local.roles["api"].environment["HOKUSAI_GATEWAY__TELEMETRYSERVICENAME"] == "hokusai-test-api" && local.roles["api"].environment["HOKUSAI_GATEWAY__EMFNAMESPACE"] == aws_cloudwatch_metric_alarm.this["dns-failures"].namespace
    error_message = "The gateway must write its metrics under the name that alarms ask for."
  }
}

run "another_mlflow" {
  command = plan
  variables {
    services = { mlflow = { image = "registry.example.org/mlflow:3.4.0", command = ["mlflow", "server"], health_command = ["true"], writable_paths = ["/tmp"] } }
  }
  assert {
    condition     = toset(keys(local.roles["mlflow"].environment)) == toset(["MLFLOW_ARTIFACTS_DESTINATION", "MLFLOW_BACKEND_STORE_URI", "MLFLOW_SERVER_ALLOWED_HOSTS"])
    error_message = "It gets store, artifacts and hosts by MLflow's own variables."
  }
}
