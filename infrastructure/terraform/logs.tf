resource "aws_cloudwatch_log_group" "service" {
  for_each = local.services

  name              = "/hokusai/${var.environment}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# Made here, so that AWS does not make them without an end: what the databases write, and what Container Insights counts.
resource "aws_cloudwatch_log_group" "database" {
  for_each = { for pair in setproduct(keys(local.databases), local.database_logs) : "${pair[0]}/${pair[1]}" => pair }

  name              = "/aws/rds/instance/${local.name}-${each.value[0]}/${each.value[1]}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_cloudwatch_log_group" "insights" {
  count = var.container_insights == "disabled" ? 0 : 1

  name              = "/aws/ecs/containerinsights/${local.name}/performance"
  retention_in_days = 1
  kms_key_id        = var.kms_key_arn
}

# Why tasks ended: ECS shows it for an hour only.
resource "aws_cloudwatch_log_group" "stops" {
  name              = "/aws/events/${local.name}-stops"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}
