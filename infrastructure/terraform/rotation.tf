# RDS rotates the databases' passwords. A task has the one that it was started with: its connections live on, new ones would be
# refused. So each rotation starts the service anew, one task beside the other, and nobody has to remember it.

resource "aws_secretsmanager_secret_rotation" "database" {
  for_each = local.databases

  secret_id          = aws_db_instance.this[each.key].master_user_secret[0].secret_arn
  rotate_immediately = false

  rotation_rules {
    automatically_after_days = var.databases.password_rotation_days
  }
}

# Secrets Manager's own event, which needs no trail ("Secret Label Updated event" in its user guide): the new password is in use from the
# moment at which AWSCURRENT moves to it.
resource "aws_cloudwatch_event_rule" "rotated" {
  for_each = local.databases

  name        = "${local.name}-${each.key}-rotated"
  description = "The password of the database ${each.key} was rotated: ${each.value} needs the new one."

  event_pattern = jsonencode({
    source        = ["aws.secretsmanager"]
    "detail-type" = ["Secret Label Updated"]
    resources     = [aws_db_instance.this[each.key].master_user_secret[0].secret_arn]
    detail        = { labelUpdated = ["AWSCURRENT"] }
  })
}

resource "aws_cloudwatch_event_target" "rotated" {
  for_each = local.databases

  rule     = aws_cloudwatch_event_rule.rotated[each.key].name
  arn      = aws_sfn_state_machine.restart[each.key].arn
  role_arn = aws_iam_role.rotated.arn
}

resource "aws_sfn_state_machine" "restart" {
  for_each = local.databases

  name     = "${local.name}-${each.value}-restart"
  role_arn = aws_iam_role.restart.arn

  definition = jsonencode({
    Comment = "Starts the tasks of ${each.value} anew, so that they read the database's new password."
    StartAt = "Restart"
    States = {
      Restart = {
        Type       = "Task"
        Resource   = "arn:${local.partition}:states:::aws-sdk:ecs:updateService"
        Parameters = { Cluster = aws_ecs_cluster.this.name, Service = module.service[each.value].name, ForceNewDeployment = true }
        Retry      = [{ ErrorEquals = ["States.ALL"], IntervalSeconds = 10, MaxAttempts = 5, BackoffRate = 2 }]
        End        = true
      }
    }
  })
}

data "aws_iam_policy_document" "assume_restart" {
  for_each = { restart = "states.amazonaws.com", rotated = "events.amazonaws.com" }

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.value]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "restart" {
  name               = "${local.name}-restart"
  assume_role_policy = data.aws_iam_policy_document.assume_restart["restart"].json
}

data "aws_iam_policy_document" "restart" {
  statement {
    actions   = ["ecs:UpdateService"]
    resources = [for service in values(local.databases) : "arn:${local.partition}:ecs:${var.region}:${local.account}:service/${aws_ecs_cluster.this.name}/${module.service[service].name}"]
  }
}

resource "aws_iam_role_policy" "restart" {
  name   = "restart"
  role   = aws_iam_role.restart.id
  policy = data.aws_iam_policy_document.restart.json
}

resource "aws_iam_role" "rotated" {
  name               = "${local.name}-rotated"
  assume_role_policy = data.aws_iam_policy_document.assume_restart["rotated"].json
}

data "aws_iam_policy_document" "rotated" {
  statement {
    actions   = ["states:StartExecution"]
    resources = [for machine in aws_sfn_state_machine.restart : machine.arn]
  }
}

resource "aws_iam_role_policy" "rotated" {
  name   = "start"
  role   = aws_iam_role.rotated.id
  policy = data.aws_iam_policy_document.rotated.json
}
