# A service on Fargate with one container: registered by name, and with the load balancer if it has a target group.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

locals {
  volumes = { for path in var.writable_paths : trim(replace(path, "/", "-"), "-") => path }

  container = {
    name      = var.role
    image     = var.image
    essential = true
    command   = var.command
    user      = var.user

    portMappings = [{ containerPort = var.port, hostPort = var.port, protocol = "tcp" }]
    environment  = [for name, value in var.environment : { name = name, value = value }]
    secrets      = [for name, source in var.secrets : { name = name, valueFrom = source }]

    # CMD and not CMD-SHELL: there is no shell in the image. Failures of the first two minutes do not count: a store may be brought up to date.
    healthCheck = { command = concat(["CMD"], var.health_command), interval = 15, timeout = 5, retries = 3, startPeriod = 120 }

    # add stands here because ECS gives it back: without it each plan would make the task definition anew.
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { add = [], drop = ["ALL"] } }
    mountPoints            = [for name, path in local.volumes : { sourceVolume = name, containerPath = path, readOnly = false }]
    stopTimeout            = var.stop_timeout

    # All of the task's, said here too: the task's own limit stands above the container, where it can't be seen from within (cgroup v2 gives
    # "max"). .NET would take the machine's memory for its own, which is more, and be killed for garbage that it saw no reason to collect.
    memory = var.memory

    logConfiguration = {
      logDriver = "awslogs"
      # non-blocking: a program must not stop because its log does.
      options = {
        awslogs-group         = var.log_group
        awslogs-region        = var.region
        awslogs-stream-prefix = var.role
        mode                  = "non-blocking"
        max-buffer-size       = "25m"
      }
    }
  }
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = tostring(var.cpu)
  memory                   = tostring(var.memory)
  execution_role_arn       = var.execution_role_arn
  task_role_arn            = var.task_role_arn
  container_definitions    = jsonencode([local.container])

  # Terraform would take the last revision away when it makes the next one, and ECS goes back to no revision that is inactive. A revision costs nothing.
  skip_destroy = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  dynamic "volume" {
    for_each = local.volumes
    content {
      name = volume.key
    }
  }
}

resource "aws_ecs_service" "this" {
  name            = var.name
  cluster         = var.cluster.arn
  task_definition = aws_ecs_task_definition.this.arn
  launch_type     = "FARGATE"
  desired_count   = var.least_tasks

  # New tasks stand beside the old until they are well: capacity never falls below what there was.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  availability_zone_rebalancing      = "ENABLED"
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"

  # ECS kills tasks that the load balancer calls unhealthy: not before they had time to start, which is as long as the startPeriod of the
  # container's own check. Without a load balancer ECS refuses the argument, or did so for years.
  health_check_grace_period_seconds = var.target_group_arn == null ? null : 120

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = var.security_group_ids
    assign_public_ip = false
  }

  service_registries {
    registry_arn = var.registry_arn
  }

  dynamic "load_balancer" {
    for_each = var.target_group_arn == null ? [] : [var.target_group_arn]
    content {
      target_group_arn = load_balancer.value
      container_name   = var.role
      container_port   = var.port
    }
  }

  lifecycle {
    # Autoscaling's business once the service runs.
    ignore_changes = [desired_count]
  }
}
