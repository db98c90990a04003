# Two roles a service: one by which ECS starts it, one for the program. Each may do what it does and nothing else.

locals {
  # Secrets that ECS reads for each service, by which its execution role is limited.
  started_with = {
    api    = [aws_secretsmanager_secret.session.arn]
    auth   = [aws_db_instance.this["keys"].master_user_secret[0].secret_arn]
    mlflow = [aws_db_instance.this["tracking"].master_user_secret[0].secret_arn]
  }
}

data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    # For this account's tasks alone.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "execution" {
  for_each = local.services

  name               = "${local.name}-${each.key}-execution"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

data "aws_iam_policy_document" "execution" {
  for_each = local.services

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.service[each.key].arn}:*"]
  }

  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = local.started_with[each.key]
  }

  dynamic "statement" {
    for_each = length(var.image_repository_arns) > 0 ? [var.image_repository_arns] : []
    content {
      sid       = "Image"
      actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      resources = statement.value
    }
  }

  # A token is for the whole registry: AWS has no resource for this action.
  dynamic "statement" {
    for_each = length(var.image_repository_arns) > 0 ? [true] : []
    content {
      sid       = "ImageToken"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]
    content {
      sid       = "Key"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "execution" {
  for_each = local.services

  name   = "start"
  role   = aws_iam_role.execution[each.key].id
  policy = data.aws_iam_policy_document.execution[each.key].json
}

# The gateway's has no permission at all: whatever it needs comes over the network from the others.
resource "aws_iam_role" "task" {
  for_each = local.services

  name               = "${local.name}-${each.key}-task"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

data "aws_iam_policy_document" "artifacts" {
  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    resources = ["${aws_s3_bucket.artifacts.arn}/${local.artifacts_prefix}/*"]
  }

  statement {
    sid       = "Listing"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.artifacts.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = [local.artifacts_prefix, "${local.artifacts_prefix}/*"]
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]
    content {
      sid       = "Key"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "artifacts" {
  name   = "artifacts"
  role   = aws_iam_role.task["mlflow"].id
  policy = data.aws_iam_policy_document.artifacts.json
}

# Peppers are read by the program itself, through Parameter Store's reference to them (docs/audit.md).
data "aws_iam_policy_document" "peppers" {
  statement {
    sid       = "Reference"
    actions   = ["ssm:GetParameter"]
    resources = [for id in var.peppers : "arn:${local.partition}:ssm:${var.region}:${local.account}:parameter/aws/reference/secretsmanager/${aws_secretsmanager_secret.pepper[id].name}"]
  }

  statement {
    sid       = "Peppers"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [for id in var.peppers : aws_secretsmanager_secret.pepper[id].arn]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]
    content {
      sid       = "Key"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "peppers" {
  name   = "peppers"
  role   = aws_iam_role.task["auth"].id
  policy = data.aws_iam_policy_document.peppers.json
}
