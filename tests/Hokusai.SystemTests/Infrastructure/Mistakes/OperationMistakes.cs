namespace Hokusai.SystemTests.Infrastructure.Mistakes;

/// <summary>Mistakes in alarms, the dashboard and in what is stored.</summary>
internal static class OperationMistakes
{
    public static Mistake[] All { get; } =
    [
        new("wrong alarm metric", "alarms.json", "\"metric\": \"HTTPCode_ELB_502_Count\"", "\"metric\": \"HTTPCode_ELB_502_Counts\"", "there is no metric HTTPCode_ELB_502_Counts in AWS/ApplicationELB"),
        new("a metric that the gateway does not have", "alarms.json", "\"metric\": \"DnsStaleServed\"", "\"metric\": \"DnsStale\"", "Invalid index"),
        new("a metric of somebody else", "alarms.json", "\"metric\": \"HTTPCode_ELB_502_Count\"", "\"metric\": \"HTTPCode_ELB_503_Count\"", "no alarm watches HTTPCode_ELB_502_Count"),
        new("an alarm on an average of counts", "alarms.json", "\"metric\": \"HTTPCode_ELB_503_Count\",\n      \"statistic\": \"Sum\"", "\"metric\": \"HTTPCode_ELB_503_Count\",\n      \"statistic\": \"Average\"", "it looks at the Average of HTTPCode_ELB_503_Count"),
        new("a statistic that is none", "alarms.json", "\"metric\": \"HTTPCode_ELB_503_Count\",\n      \"statistic\": \"Sum\"", "\"metric\": \"HTTPCode_ELB_503_Count\",\n      \"statistic\": \"Total\"", "\"Total\" is not one of SampleCount"),
        new("a period that CloudWatch has not", "alarms.json", "\"metric\": \"HTTPCode_ELB_503_Count\",\n      \"statistic\": \"Sum\",\n      \"period\": 60", "\"metric\": \"HTTPCode_ELB_503_Count\",\n      \"statistic\": \"Sum\",\n      \"period\": 45", "period 45 is neither 10, 20, 30 nor a multiple of 60 seconds"),
        new("an alarm that never fires", "alarms.json", "\"metric\": \"HTTPCode_ELB_503_Count\",\n      \"statistic\": \"Sum\",\n      \"period\": 60,\n      \"evaluation_periods\": 5", "\"metric\": \"HTTPCode_ELB_503_Count\",\n      \"statistic\": \"Sum\",\n      \"period\": 60,\n      \"evaluation_periods\": 2", "datapoints_to_alarm 3 is above evaluation_periods 2"),
        new("ARN for a dimension", "alarms.tf", "things = { \"\" = { LoadBalancer = aws_lb.this.arn_suffix } }", "things = { \"\" = { LoadBalancer = aws_lb.this.arn } }", "is nothing that this configuration makes"),
        new("a dimension that is missing", "alarms.tf", "{ LoadBalancer = aws_lb.this.arn_suffix, TargetGroup = group.arn_suffix }", "{ TargetGroup = group.arn_suffix }", "HealthyHostCount is kept by LoadBalancer and TargetGroup, not by TargetGroup"),
        new("an alarm that tells nobody", "alarms.tf", "alarm_actions = [aws_sns_topic.alarms[local.alarms[each.value.alarm].severity].arn]", "alarm_actions = []", "it tells nobody"),
        new("an alarm that tells no topic", "alarms.tf", "alarm_actions = [aws_sns_topic.alarms[local.alarms[each.value.alarm].severity].arn]", "alarm_actions = [aws_lb.this.arn]", "is not a arn:sns:"),
        new("missing data left open", "alarms.tf", "treat_missing_data  = local.alarms[each.value.alarm].treat_missing_data", "treat_missing_data  = null", "what missing data means is left open"),
        new("missing data of another name", "alarms.tf", "treat_missing_data  = local.alarms[each.value.alarm].treat_missing_data", "treat_missing_data  = \"ok\"", "\"ok\" is not one of missing, ignore, breaching, notBreaching"),
        new("no entry of the runbook", "alarms.tf", " ${var.runbook_url}#${local.alarms[each.value.alarm].runbook}\"", "\"", "names no entry of the runbook"),
        new("a widget of a metric that is not written", "dashboard.tf", "concat(local.alb_metric, [\"HTTPCode_ELB_5XX_Count\"]", "concat(local.alb_metric, [\"HTTPCode_ELB_5xx_Count\"]", "there is no metric HTTPCode_ELB_5xx_Count"),

        new("an alarm before storage grows", "alarms.json", "\"threshold\": 1073741824", "\"threshold\": 4294967296", "the storage grows by itself from 2147483648 on"),
        new("an alarm above what the database takes", "environments/development.tfvars", "alarm_thresholds = { \"database-connections\" = 60 }", "", "it fires above 150 connections, and a db.t4g.micro takes 112"),
        new("tasks that hang are not counted", "task-stops.tf", "        { stopCode = [\"ServiceSchedulerInitiated\"], stoppedReason = [{ wildcard = \"*health checks*\" }] },\n", "", "it does not count tasks that end with ServiceSchedulerInitiated"),
        new("deployments are counted", "task-stops.tf", "stopCode = [\"ServiceSchedulerInitiated\"], stoppedReason = [{ wildcard = \"*health checks*\" }]", "stopCode = [\"ServiceSchedulerInitiated\"]", "it counts tasks that end with ServiceSchedulerInitiated, \"Scaling activity"),
        new("new passwords told by a trail", "rotation.tf", "\"Secret Label Updated\"]", "\"AWS Service Event via CloudTrail\"]", "take the event of its new password"),
        new("every label starts tasks anew", "rotation.tf", "detail        = { labelUpdated = [\"AWSCURRENT\"] }", "", "it takes labels or secrets that are not the new password"),

        new("overwritten artifacts are lost", "artifacts.tf", "    status = \"Enabled\"\n  }\n}\n\nresource \"aws_s3_bucket_server", "    status = \"Suspended\"\n  }\n}\n\nresource \"aws_s3_bucket_server", "what is overwritten is lost"),
        new("versions that S3 does not know", "artifacts.tf", "    status = \"Enabled\"\n  }\n}\n\nresource \"aws_s3_bucket_server", "    status = \"On\"\n  }\n}\n\nresource \"aws_s3_bucket_server", "\"On\" is not one of Enabled"),
        new("artifacts deleted by age", "artifacts.tf", "    abort_incomplete_multipart_upload {\n      days_after_initiation = 7", "    expiration {\n      days = 30", "deletes artifacts by age"),
        new("a bucket that may be opened", "artifacts.tf", "restrict_public_buckets = true", "restrict_public_buckets = false", "it may be opened to the public"),
        new("a public database", "database.tf", "publicly_accessible    = false", "publicly_accessible    = true", "it has a public address"),
        new("a database in the clear", "database.tf", "storage_encrypted     = true", "storage_encrypted     = false", "its storage is not encrypted"),
        new("a parameter that every plan changes again", "database.tf", "    apply_method = \"pending-reboot\"\n", "", "every plan would change it again"),
        new("a cache that a plan would make anew", "cache.tf", "auto_minor_version_upgrade = false", "auto_minor_version_upgrade = true", "the next plan would make it anew") { Environment = "production" },
        new("a password in the state", "database.tf", "manage_master_user_password   = true", "password = \"example\"", "its password would stand in Terraform's state"),
        new("a database in one zone", "environments/production.tfvars", "multi_az             = true", "multi_az             = false", "it stands in one zone") { Environment = "production" },
        new("no protection against deletion", "environments/production.tfvars", "deletion_protection = true", "deletion_protection = false", "it can be deleted") { Environment = "production" },
        new("secrets gone at once", "secrets.tf", "var.deletion_protection ? 30 : 0", "0", "a secret that was deleted by mistake must come back") { Environment = "production" },
        new("names of secrets taken for a month", "secrets.tf", "var.deletion_protection ? 30 : 0", "30", "what is made and destroyed again needs its name again"),
        new("a window that Secrets Manager has not", "secrets.tf", "var.deletion_protection ? 30 : 0", "3", "\"3\" is not 0 or 7-30 days"),
        new("backups of two days", "environments/production.tfvars", "backup_days          = 35", "backup_days          = 2", "backups are kept 2 days") { Environment = "production" },
        new("a cache in the clear", "cache.tf", "transit_encryption_enabled = true", "transit_encryption_enabled = false", "encrypt it in transit and at rest") { Environment = "production" },
        new("logs for ever", "logs.tf", "name              = \"/hokusai/${var.environment}/${each.key}\"\n  retention_in_days = var.log_retention_days", "name              = \"/hokusai/${var.environment}/${each.key}\"", "it keeps logs for ever"),
        new("a retention that CloudWatch has not", "logs.tf", "name              = \"/hokusai/${var.environment}/${each.key}\"\n  retention_in_days = var.log_retention_days", "name              = \"/hokusai/${var.environment}/${each.key}\"\n  retention_in_days = 10", "\"10\" is not one of 0, 1, 3, 5, 7"),
    ];
}
