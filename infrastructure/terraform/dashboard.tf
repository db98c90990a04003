# The health of the API on one page: how it is, what goes through, who makes the errors, how long things take, and what it stands on.

locals {
  alb_metric   = ["AWS/ApplicationELB"]
  alb_name     = ["LoadBalancer", aws_lb.this.arn_suffix]
  group_names  = { for name, group in aws_lb_target_group.this : name => ["TargetGroup", group.arn_suffix, "LoadBalancer", aws_lb.this.arn_suffix] }
  gateway_name = [local.gateway_metrics.namespace]
  gateway_of   = ["Service", local.gateway_service]

  # The score (0 to 100): share of requests without a 5XX, whoever made it (50), healthy targets of the gateway (20), answers
  # within 10 s (10), MLflow's name resolved (10), verdicts of the auth service (10). What has no data counts as well.
  share_failed = "(FILL(elb5,0)+FILL(api5,0))/IF(FILL(req,0)<1,1,FILL(req,0))"
  share_sick   = "FILL(sick,0)/IF(FILL(ok,0)+FILL(sick,0)<1,1,FILL(ok,0)+FILL(sick,0))"
  score        = "50*IF(failed>1,0,1-failed)+20*(1-ill)+10*IF(FILL(p99,0)<10,1,0)+10*IF(FILL(dns,0)>${local.alarms["dns-failures"].threshold},0,1)+10*IF(FILL(auth,0)>0,0,1)"

  widgets = [
    { title = "Health score", w = 8, view = "timeSeries", stat = "Sum", min = 0, max = 100, metrics = [
      [{ expression = local.score, label = "score", id = "score" }],
      [{ expression = local.share_failed, label = "failed", id = "failed", visible = false }],
      [{ expression = local.share_sick, label = "ill", id = "ill", visible = false }],
      concat(local.alb_metric, ["RequestCount"], local.alb_name, [{ id = "req", visible = false }]),
      concat(local.alb_metric, ["HTTPCode_ELB_5XX_Count"], local.alb_name, [{ id = "elb5", visible = false }]),
      concat(local.alb_metric, ["HTTPCode_Target_5XX_Count"], local.group_names["api"], [{ id = "api5", visible = false }]),
      concat(local.alb_metric, ["HealthyHostCount"], local.group_names["api"], [{ id = "ok", visible = false, stat = "Minimum" }]),
      concat(local.alb_metric, ["UnHealthyHostCount"], local.group_names["api"], [{ id = "sick", visible = false, stat = "Maximum" }]),
      concat(local.alb_metric, ["TargetResponseTime"], local.group_names["api"], [{ id = "p99", visible = false, stat = "p99" }]),
      concat(local.gateway_name, [local.metric.DnsFailures], local.gateway_of, [{ id = "dns", visible = false }]),
      concat(local.gateway_name, [local.metric.AuthUnavailable], local.gateway_of, [{ id = "auth", visible = false }]),
    ] },
    { title = "Requests a minute", w = 8, view = "timeSeries", stat = "Sum", metrics = concat(
      [concat(local.alb_metric, ["RequestCount"], local.alb_name, [{ label = "load balancer" }])],
      [concat(local.gateway_name, [local.metric.Requests], local.gateway_of, [{ label = "gateway" }])],
      [[{ expression = "SEARCH('{${local.gateway_metrics.namespace},${join(",", local.gateway_metrics.metrics[local.metric.Requests].dimensions)}} MetricName=\"${local.metric.Requests}\" Service=\"${local.gateway_service}\"', 'Sum', 60)", id = "classes" }]],
    ) },
    { title = "Errors, by who makes them", w = 8, view = "timeSeries", stat = "Sum", metrics = concat(
      [for code in ["502", "503", "504"] : concat(local.alb_metric, ["HTTPCode_ELB_${code}_Count"], local.alb_name, [{ label = "load balancer ${code}" }])],
      [for name, group in local.group_names : concat(local.alb_metric, ["HTTPCode_Target_5XX_Count"], group, [{ label = "${name} 5XX" }])],
      # Both are among the 5XX of the target group api: what the gateway says for a broken MLflow, and what MLflow said itself.
      [concat(local.gateway_name, [local.metric.GatewayErrors], local.gateway_of, [{ label = "gateway" }])],
      [concat(local.gateway_name, [local.metric.MlflowErrors], local.gateway_of, [{ label = "MLflow" }])],
    ) },
    { title = "What fails in the gateway, by place", w = 8, view = "timeSeries", stat = "Sum", metrics = [
      [{ expression = "SEARCH('{${local.gateway_metrics.namespace},${join(",", local.gateway_metrics.metrics[local.metric.Failures].dimensions)}} MetricName=\"${local.metric.Failures}\" Service=\"${local.gateway_service}\"', 'Sum', 60)", id = "places" }],
    ] },
    { title = "Response time at the load balancer (s)", w = 8, view = "timeSeries", stat = "p50", metrics = concat([for name, group in local.group_names : [
      for stat in ["p50", "p99"] : concat(local.alb_metric, ["TargetResponseTime"], group, [{ stat = stat, label = "${name} ${stat}" }])
    ]]...) },
    { title = "Time in the gateway (s)", w = 8, view = "timeSeries", stat = "p99", metrics = concat([for name in [local.metric.RequestDuration, local.metric.UpstreamDuration, local.metric.AuthDuration] : [
      for stat in ["p50", "p95", "p99"] : concat(local.gateway_name, [name], local.gateway_of, [{ stat = stat, label = "${name} ${stat}" }])
    ]]...) },
    { title = "Targets", w = 8, view = "timeSeries", stat = "Minimum", min = 0, metrics = concat([for name, group in local.group_names : [
      concat(local.alb_metric, ["HealthyHostCount"], group, [{ label = "${name} healthy" }]),
      concat(local.alb_metric, ["UnHealthyHostCount"], group, [{ label = "${name} unhealthy", stat = "Maximum" }]),
    ]]...) },
    { title = "Service discovery", w = 8, view = "timeSeries", stat = "Sum", metrics = [
      concat(local.gateway_name, [local.metric.DnsFailures], local.gateway_of, [{ label = "questions without an answer" }]),
      concat(local.gateway_name, [local.metric.DnsStaleServed], local.gateway_of, [{ label = "outlived answers used" }]),
      concat(local.gateway_name, [local.metric.DnsAge], local.gateway_of, [{ label = "age of the answer (s)", stat = "Maximum", yAxis = "right" }]),
    ] },
    { title = "Keys", w = 8, view = "timeSeries", stat = "Sum", metrics = [
      concat(local.gateway_name, [local.metric.AuthRejected], local.gateway_of, [{ label = "refused" }]),
      concat(local.gateway_name, [local.metric.AuthUnavailable], local.gateway_of, [{ label = "no verdict" }]),
      concat(local.gateway_name, [local.metric.AuthQuestionsTurnedAway], local.gateway_of, [{ label = "questions turned away" }]),
      concat(local.gateway_name, [local.metric.LimitRefused], local.gateway_of, [{ label = "over a limit" }]),
      concat(local.gateway_name, [local.metric.RevocationsInDoubt], local.gateway_of, [{ label = "revocations in doubt", stat = "Maximum", yAxis = "right" }]),
    ] },
    { title = "Retries and breakers", w = 8, view = "timeSeries", stat = "Sum", metrics = [
      concat(local.gateway_name, [local.metric.UpstreamAttempts], local.gateway_of, [{ label = "attempts" }]),
      concat(local.gateway_name, [local.metric.Retries], local.gateway_of, [{ label = "retries" }]),
      concat(local.gateway_name, [local.metric.RetryBudgetExhausted], local.gateway_of, [{ label = "retries refused" }]),
      concat(local.gateway_name, [local.metric.BreakerOpen], local.gateway_of, [{ label = "breakers opened" }]),
      concat(local.gateway_name, [local.metric.BreakerState], local.gateway_of, [{ label = "worst breaker (2 open)", stat = "Maximum", yAxis = "right" }]),
      concat(local.gateway_name, [local.metric.ReplayShieldHit], local.gateway_of, [{ label = "lost answers given again" }]),
    ] },
    { title = "Bytes", w = 8, view = "timeSeries", stat = "Sum", metrics = [
      concat(local.gateway_name, [local.metric.BytesIn], local.gateway_of, [{ label = "in" }]),
      concat(local.gateway_name, [local.metric.BytesOut], local.gateway_of, [{ label = "out" }]),
    ] },
    { title = "Processor and memory (%)", w = 8, view = "timeSeries", stat = "Maximum", min = 0, max = 100, metrics = concat([for name in local.services : [
      for metric in ["CPUUtilization", "MemoryUtilization"] : ["AWS/ECS", metric, "ClusterName", aws_ecs_cluster.this.name, "ServiceName", module.service[name].name, { label = "${name} ${metric}" }]
    ]]...) },
    { title = "Databases", w = 8, view = "timeSeries", stat = "Maximum", min = 0, metrics = concat([for name, database in aws_db_instance.this : [
      ["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", database.identifier, { label = "${name} processor (%)" }],
      ["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", database.identifier, { label = "${name} connections", yAxis = "right" }],
    ]]...) },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.name

  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type       = "alarm", x = 0, y = 0, width = 24, height = 3
        properties = { title = "Alarms", alarms = [for alarm in aws_cloudwatch_metric_alarm.this : alarm.arn] }
      }],
      [for index, widget in local.widgets : {
        type = "metric", x = index % 3 * 8, y = 3 + floor(index / 3) * 6, width = widget.w, height = 6
        properties = {
          title   = widget.title
          view    = widget.view
          stat    = widget.stat
          region  = var.region
          period  = 60
          metrics = widget.metrics
          yAxis   = { left = { for limit in ["min", "max"] : limit => widget[limit] if can(widget[limit]) } }
        }
      }],
    )
  })
}
