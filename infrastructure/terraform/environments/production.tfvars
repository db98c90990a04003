# What must not be lost has copies, and whatever one zone's loss takes away is there in another one. The certificate, the name
# that it is for (public_name), the image and who gets alarms are the account's own: terraform apply -var-file=environments/production.tfvars -var-file=PRIVATE.tfvars
environment = "production"
region      = "eu-central-1"

availability_zones = 3
egress             = "endpoints"

http_mode           = "redirect"
deletion_protection = true

services = {
  api    = { cpu = 1024, memory = 2048, least_tasks = 3, most_tasks = 12 }
  auth   = { cpu = 512, memory = 1024, least_tasks = 2, most_tasks = 4 }
  mlflow = { cpu = 2048, memory = 4096, least_tasks = 2, most_tasks = 6 }
}

databases = {
  instance_class       = "db.m7g.large"
  storage_gib          = 100
  most_storage_gib     = 1000
  multi_az             = true
  backup_days          = 35
  final_snapshot       = true
  performance_insights = true
}

cache = { node_type = "cache.t4g.small", nodes = 2 }

container_insights = "enhanced"
log_retention_days = 365
