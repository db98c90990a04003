# Tasks that end by themselves. CloudWatch has no metric for it, so EventBridge counts: a rule that matches writes one with its name
# (AWS/Events, TriggeredRules), and the event goes to a log that keeps why.

resource "aws_cloudwatch_event_rule" "stops" {
  for_each = local.services

  name        = "${local.name}-${each.key}-stops"
  description = "Tasks of ${each.key} that exit, can't start or fail their health checks. Those that a deployment or autoscaling ends are none of these."

  event_pattern = jsonencode({
    source        = ["aws.ecs"]
    "detail-type" = ["ECS Task State Change"]
    detail = {
      clusterArn = [aws_ecs_cluster.this.arn]
      group      = ["service:${module.service[each.key].name}"]
      lastStatus = ["STOPPED"]
      # A task that hangs does not exit: the scheduler ends it, as it ends those of deployments, and only its words tell the two apart.
      "$or" = [
        { stopCode = ["EssentialContainerExited", "TaskFailedToStart"] },
        { stopCode = ["ServiceSchedulerInitiated"], stoppedReason = [{ wildcard = "*health checks*" }] },
      ]
    }
  })
}

resource "aws_cloudwatch_event_target" "stops" {
  for_each = local.services

  rule = aws_cloudwatch_event_rule.stops[each.key].name
  arn  = aws_cloudwatch_log_group.stops.arn
}

data "aws_iam_policy_document" "stops" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.stops.arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "delivery.logs.amazonaws.com"]
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "stops" {
  policy_name     = "${local.name}-stops"
  policy_document = data.aws_iam_policy_document.stops.json
}
