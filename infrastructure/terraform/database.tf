# Two PostgreSQL servers: the keys' hashes and the experiments have nothing in common, neither who may reach them nor what a leak
# or an overload of one would mean for the other. Passwords are made, kept and rotated by RDS and Secrets Manager.

locals {
  databases     = { keys = "auth", tracking = "mlflow" }
  database_logs = ["postgresql", "upgrade"]
}

resource "aws_db_subnet_group" "this" {
  name       = local.name
  subnet_ids = local.private_subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${local.name}-"
  family      = "postgres${split(".", var.databases.engine_version)[0]}"

  # Nothing goes over the network in the clear. It is the default from PostgreSQL 15 on, for which RDS keeps pending-reboot whatever it is
  # told: anything else here would be a change in each plan (hashicorp/terraform-provider-aws issue 39252). A new database has it at once.
  parameter {
    name         = "rds.force_ssl"
    value        = "1"
    apply_method = "pending-reboot"
  }

  # Slow statements are named in the log.
  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  for_each = local.databases

  identifier     = "${local.name}-${each.key}"
  engine         = "postgres"
  engine_version = var.databases.engine_version
  instance_class = var.databases.instance_class

  db_name                       = "hokusai"
  username                      = "hokusai"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.kms_key_arn

  allocated_storage     = var.databases.storage_gib
  max_allocated_storage = var.databases.most_storage_gib
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  multi_az               = var.databases.multi_az
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this["db-${each.key}"].id]
  publicly_accessible    = false
  parameter_group_name   = aws_db_parameter_group.this.name

  backup_retention_period   = var.databases.backup_days
  copy_tags_to_snapshot     = true
  deletion_protection       = var.deletion_protection
  delete_automated_backups  = false
  skip_final_snapshot       = !var.databases.final_snapshot
  final_snapshot_identifier = var.databases.final_snapshot ? "${local.name}-${each.key}-${var.databases.final_snapshot_suffix}" : null

  auto_minor_version_upgrade      = true
  allow_major_version_upgrade     = var.databases.major_upgrade
  apply_immediately               = var.databases.apply_changes_right_now
  performance_insights_enabled    = var.databases.performance_insights
  performance_insights_kms_key_id = var.databases.performance_insights ? var.kms_key_arn : null
  enabled_cloudwatch_logs_exports = local.database_logs

  depends_on = [aws_cloudwatch_log_group.database]
}
