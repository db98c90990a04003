resource "aws_cloudwatch_log_group" "service" {
  for_each = local.services

  name              = "/hokusai/${var.environment}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# Why tasks ended: ECS shows it for an hour only.
resource "aws_cloudwatch_log_group" "stops" {
  name              = "/aws/events/${local.name}-stops"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}
