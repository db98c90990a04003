# Alarms stand in alarms.json: metric, threshold, what missing data means, severity, and the entry of docs/runbook.md that tells what
# to do. Here each is made for everything that it watches. What the gateway measures is named by gateway-metrics.json, which is made
# from the gateway's own list: a metric that is renamed there breaks the plan here.

locals {
  alarms          = jsondecode(file("${path.module}/alarms.json")).alarms
  gateway_metrics = jsondecode(file("${path.module}/gateway-metrics.json"))

  # Looked up for every name that alarms and dashboard use.
  metric = { for name in keys(local.gateway_metrics.metrics) : name => name }

  # The dimension Service of the gateway's metrics.
  gateway_service = "${local.name}-api"

  # What there is of each kind of thing, with the dimensions by which CloudWatch knows it.
  watched = {
    alb = { namespace = "AWS/ApplicationELB", things = { "" = { LoadBalancer = aws_lb.this.arn_suffix } } }
    target-group = { namespace = "AWS/ApplicationELB", things = {
      for name, group in aws_lb_target_group.this : name => { LoadBalancer = aws_lb.this.arn_suffix, TargetGroup = group.arn_suffix }
    } }
    service = { namespace = "AWS/ECS", things = {
      for name in local.services : name => { ClusterName = aws_ecs_cluster.this.name, ServiceName = module.service[name].name }
    } }
    tasks = { namespace = "ECS/ContainerInsights", things = {
      for name in local.services : name => { ClusterName = aws_ecs_cluster.this.name, ServiceName = module.service[name].name } if var.container_insights != "disabled"
    } }
    task-stops = { namespace = "AWS/Events", things = {
      for name in local.services : name => { RuleName = aws_cloudwatch_event_rule.stops[name].name }
    } }
    database = { namespace = "AWS/RDS", things = {
      for name, database in aws_db_instance.this : name => { DBInstanceIdentifier = database.identifier }
    } }
    gateway = { namespace = local.gateway_metrics.namespace, things = { "" = { Service = local.gateway_service } } }
  }

  # One of these for each alarm and each thing that it watches: "elb-502", "unhealthy-hosts-api".
  alarm_instances = merge(flatten([for name, alarm in local.alarms : [for thing, dimensions in local.watched[alarm.source].things : {
    "${trimsuffix("${name}-${thing}", "-")}" = {
      alarm      = name
      namespace  = local.watched[alarm.source].namespace
      dimensions = merge(dimensions, try(alarm.dimension, {}))
      metric     = alarm.source == "gateway" ? local.metric[alarm.metric] : alarm.metric
      # Percentiles are another argument than the other statistics.
      percentile = startswith(alarm.statistic, "p")
      threshold  = lookup(var.alarm_thresholds, name, alarm.threshold)
    }
  }]])...)

  severities = toset(["critical", "warning"])
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarm_instances

  alarm_name        = "${local.name}-${each.key}"
  alarm_description = "${local.alarms[each.value.alarm].severity}: ${local.alarms[each.value.alarm].why} ${var.runbook_url}#${local.alarms[each.value.alarm].runbook}"

  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.percentile ? null : local.alarms[each.value.alarm].statistic
  extended_statistic  = each.value.percentile ? local.alarms[each.value.alarm].statistic : null
  period              = local.alarms[each.value.alarm].period
  evaluation_periods  = local.alarms[each.value.alarm].evaluation_periods
  datapoints_to_alarm = local.alarms[each.value.alarm].datapoints
  threshold           = each.value.threshold
  comparison_operator = local.alarms[each.value.alarm].comparison
  treat_missing_data  = local.alarms[each.value.alarm].treat_missing_data

  # A percentile of three requests says nothing.
  evaluate_low_sample_count_percentiles = each.value.percentile ? "ignore" : null

  alarm_actions = [aws_sns_topic.alarms[local.alarms[each.value.alarm].severity].arn]
  ok_actions    = [aws_sns_topic.alarms[local.alarms[each.value.alarm].severity].arn]

  tags = { severity = local.alarms[each.value.alarm].severity }

  lifecycle {
    precondition {
      condition     = length(setsubtract(keys(var.alarm_thresholds), keys(local.alarms))) == 0
      error_message = "alarm_thresholds names ${join(", ", setsubtract(keys(var.alarm_thresholds), keys(local.alarms)))}; alarms.json has ${join(", ", keys(local.alarms))}."
    }
  }
}

resource "aws_sns_topic" "alarms" {
  for_each = local.severities

  name              = "${local.name}-alarms-${each.key}"
  kms_master_key_id = var.kms_key_arn
}

data "aws_iam_policy_document" "alarms" {
  for_each = local.severities

  statement {
    sid       = "Alarms"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms[each.key].arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_sns_topic_policy" "alarms" {
  for_each = local.severities

  arn    = aws_sns_topic.alarms[each.key].arn
  policy = data.aws_iam_policy_document.alarms[each.key].json
}

resource "aws_sns_topic_subscription" "alarms" {
  for_each = { for pair in flatten([for severity, addresses in var.alarm_emails : [for address in addresses : { severity = severity, address = address }]]) : "${pair.severity} ${pair.address}" => pair }

  topic_arn = aws_sns_topic.alarms[each.value.severity].arn
  protocol  = "email"
  endpoint  = each.value.address
}
