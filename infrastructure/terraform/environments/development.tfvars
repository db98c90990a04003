# Small and cheap, and nothing in it is worth keeping. Without a certificate keys travel in the clear: keep client_cidrs narrow.
environment = "development"
region      = "eu-central-1"

availability_zones = 2
egress             = "nat"

# Nobody but loopback until somebody is named.
client_cidrs            = ["127.0.0.1/32"]
http_mode               = "rules"
deletion_protection     = false
artifacts_force_destroy = true

services = {
  api    = { cpu = 512, memory = 1024, least_tasks = 1, most_tasks = 2 }
  auth   = { cpu = 256, memory = 512, least_tasks = 1, most_tasks = 1 }
  mlflow = { cpu = 512, memory = 1024, least_tasks = 1, most_tasks = 1 }
}

databases = {
  instance_class          = "db.t4g.micro"
  most_storage_gib        = 50
  multi_az                = false
  backup_days             = 1
  final_snapshot          = false
  performance_insights    = false
  apply_changes_right_now = true
}

log_retention_days = 7

# A db.t4g.micro takes about 110 connections.
alarm_thresholds = { "database-connections" = 60 }
