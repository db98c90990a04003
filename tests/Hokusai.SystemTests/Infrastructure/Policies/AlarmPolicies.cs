using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>Alarms watch metrics that exist, tell somebody, and all that must be watched is.</summary>
internal static partial class AlarmPolicies
{
    /// <summary>Metrics for which there must be an alarm, and how it must look at them.</summary>
    private static readonly (string Metric, string[] Statistics, bool Above)[] Watched =
    [
        ("HTTPCode_ELB_502_Count", ["Sum"], true),
        ("HTTPCode_ELB_503_Count", ["Sum"], true),
        ("HTTPCode_ELB_504_Count", ["Sum"], true),
        ("HTTPCode_Target_5XX_Count", ["Sum"], true),
        ("TargetResponseTime", ["p90", "p95", "p99"], true),
        ("UnHealthyHostCount", ["Minimum", "Maximum"], true),
        ("HealthyHostCount", ["Minimum", "Maximum", "Average"], false),
        ("RejectedConnectionCount", ["Sum"], true),
        ("MemoryUtilization", ["Maximum", "Average"], true),
        ("TriggeredRules", ["Sum"], true),
        ("DnsFailures", ["Sum"], true),
        ("DnsStaleServed", ["Sum"], true),
        ("BreakerOpen", ["Sum", "Maximum"], true),
        ("AuthUnavailable", ["Sum"], true),
        ("AuthRejected", ["Sum"], true),
        ("RetryBudgetExhausted", ["Sum"], true),
    ];

    /// <summary>Memory of the classes db.t4g and db.m7g, by size ("DB instance class types" of AWS).</summary>
    private static readonly Dictionary<string, long> MemoryGib = new(StringComparer.Ordinal) { ["micro"] = 1, ["small"] = 2, ["medium"] = 4, ["large"] = 8 };

    public static IEnumerable<PolicyFinding> Check(AppliedState state)
    {
        var alarms = state.Of("aws_cloudwatch_metric_alarm").ToList();
        foreach (var alarm in alarms)
        {
            foreach (var finding in Alarm(state, alarm)) yield return finding;
        }
        foreach (var (metric, statistics, above) in Watched)
        {
            var watching = alarms.Where(alarm => alarm.Text("metric_name") == metric).ToList();
            if (watching.Count == 0) yield return new PolicyFinding("aws_cloudwatch_metric_alarm", $"no alarm watches {metric}", "add one to alarms.json");
            foreach (var alarm in watching)
            {
                if (!statistics.Contains(Statistic(alarm)))
                    yield return new PolicyFinding(alarm.Address, $"it looks at the {Statistic(alarm)} of {metric}", $"look at {string.Join(" or ", statistics)}");
                if (alarm.Text("comparison_operator").StartsWith("Greater", StringComparison.Ordinal) != above)
                    yield return new PolicyFinding(alarm.Address, $"it fires when {metric} is {alarm.Text("comparison_operator")} {alarm.Text("threshold")}", above ? "it is bad when high" : "it is bad when low");
            }
        }
        foreach (var group in state.Of("aws_lb_target_group").Where(group => state.UsedTargetGroups.Contains(group.Text("arn"))))
            foreach (var metric in new[] { "UnHealthyHostCount", "HealthyHostCount", "HTTPCode_Target_5XX_Count" }.Where(metric => !alarms.Exists(alarm => alarm.Text("metric_name") == metric && alarm.Map("dimensions").GetValueOrDefault("TargetGroup") == group.Text("arn_suffix"))))
                yield return new PolicyFinding(group.Address, $"no alarm watches its {metric}", "add one for each target group");
        foreach (var alarm in alarms)
            foreach (var database in state.Of("aws_db_instance").Where(database => alarm.Map("dimensions").GetValueOrDefault("DBInstanceIdentifier") == database.Text("identifier")))
                foreach (var finding in Database(alarm, database)) yield return finding;
        foreach (var dashboard in state.Of("aws_cloudwatch_dashboard"))
        {
            foreach (var finding in Dashboard(state, dashboard)) yield return finding;
        }
    }

    private static IEnumerable<PolicyFinding> Alarm(AppliedState state, StateResource alarm)
    {
        if (KnownMetrics.Fault(state, alarm.Text("namespace"), alarm.Text("metric_name"), alarm.Map("dimensions")) is { } fault)
            yield return new PolicyFinding(alarm.Address, fault, "name a metric that is written, by the dimensions that it is written with");
        var actions = alarm.Texts("alarm_actions");
        if (actions.Count == 0 || alarm.Text("actions_enabled") == "false") yield return new PolicyFinding(alarm.Address, "it tells nobody", "give it an SNS topic as its action");
        foreach (var action in actions.Where(action => state.Find("aws_sns_topic", "arn", action) is null))
            yield return new PolicyFinding(alarm.Address, $"its action {action} is no topic of this configuration", "name one that is");
        if (alarm.Text("treat_missing_data") is "") yield return new PolicyFinding(alarm.Address, "what missing data means is left open", "say notBreaching, breaching or ignore");
        // Counts of errors are written only when there are any.
        if (alarm.Text("treat_missing_data") == "breaching" && alarm.Text("metric_name").StartsWith("HTTPCode_", StringComparison.Ordinal))
            yield return new PolicyFinding(alarm.Address, $"missing {alarm.Text("metric_name")} counts as breaching, and it is missing as long as all is well", "say notBreaching");
        if (!RunbookEntry().IsMatch(alarm.Text("alarm_description")))
            yield return new PolicyFinding(alarm.Address, $"its description \"{alarm.Text("alarm_description")}\" names no entry of the runbook", "end it with the entry's address");
    }

    private static IEnumerable<PolicyFinding> Database(StateResource alarm, StateResource database)
    {
        // "Managing capacity automatically with Amazon RDS storage autoscaling": it grows as soon as a tenth is left.
        var grows = database.Number("allocated_storage") * (1L << 30) / 10;
        if (alarm.Text("metric_name") == "FreeStorageSpace" && alarm.Number("threshold") >= grows)
            yield return new PolicyFinding(alarm.Address, $"it fires at {alarm.Text("threshold")} bytes, and the storage grows by itself from {grows} on", "stay below a tenth of the storage");
        // "Quotas and constraints for Amazon RDS": PostgreSQL takes a connection for each 9531392 bytes of memory.
        if (alarm.Text("metric_name") == "DatabaseConnections" && MemoryGib.TryGetValue(database.Text("instance_class").Split('.')[^1], out var memory) && alarm.Number("threshold") >= memory * (1L << 30) / 9531392)
            yield return new PolicyFinding(alarm.Address, $"it fires above {alarm.Text("threshold")} connections, and a {database.Text("instance_class")} takes {memory * (1L << 30) / 9531392}", "lower it in alarm_thresholds, or take a larger class");
    }

    private static IEnumerable<PolicyFinding> Dashboard(AppliedState state, StateResource dashboard)
    {
        using var body = JsonDocument.Parse(dashboard.Text("dashboard_body"));
        foreach (var widget in body.RootElement.GetProperty("widgets").EnumerateArray())
        {
            if (widget.GetProperty("x").GetInt32() + widget.GetProperty("width").GetInt32() > 24)
                yield return new PolicyFinding(dashboard.Address, $"a widget reaches beyond 24 columns: {widget.GetProperty("properties").GetProperty("title")}", "make it narrower");
            if (!widget.GetProperty("properties").TryGetProperty("metrics", out var metrics)) continue;
            foreach (var row in metrics.EnumerateArray().Select(row => row.EnumerateArray().ToList()).Where(row => row[0].ValueKind == JsonValueKind.String))
            {
                var texts = row.Where(part => part.ValueKind == JsonValueKind.String).Select(part => part.GetString()!).ToList();
                var dimensions = texts.Skip(2).Chunk(2).ToDictionary(pair => pair[0], pair => pair[^1], StringComparer.Ordinal);
                if (KnownMetrics.Fault(state, texts[0], texts[1], dimensions) is { } fault)
                    yield return new PolicyFinding(dashboard.Address, $"widget \"{widget.GetProperty("properties").GetProperty("title")}\": {fault}", "show a metric that is written");
            }
        }
    }

    private static string Statistic(StateResource alarm) => alarm.Text("statistic") is { Length: > 0 } statistic ? statistic : alarm.Text("extended_statistic");

    [GeneratedRegex(@"\S+#[a-z0-9-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex RunbookEntry();
}
