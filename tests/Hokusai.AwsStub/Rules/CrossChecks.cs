using System.Globalization;

namespace Hokusai.AwsStub.Rules;

/// <summary>What AWS refuses though each value by itself is fine.</summary>
internal static class CrossChecks
{
    /// <summary>Fargate's sizes: CPU units and the memory in MiB that go with them ("Task CPU and memory" of Amazon ECS).</summary>
    private static readonly Dictionary<long, (long Min, long Max, long Step)> FargateMemory = new()
    {
        [512] = (1024, 4096, 1024),
        [1024] = (2048, 8192, 1024),
        [2048] = (4096, 16384, 1024),
        [4096] = (8192, 30720, 1024),
        [8192] = (16384, 61440, 4096),
        [16384] = (32768, 122880, 8192),
    };

    public static IEnumerable<Finding> Of(string type, Dictionary<string, object?> value) => type switch
    {
        "aws_lb_listener_rule" => ListenerRule(value),
        "aws_lb_target_group" => TargetGroup(value),
        "aws_lb_listener" => Listener(value),
        "aws_ecs_task_definition" => TaskDefinition(value),
        "aws_cloudwatch_metric_alarm" => Alarm(value),
        "aws_vpc_security_group_ingress_rule" or "aws_vpc_security_group_egress_rule" => SecurityGroupRule(value),
        "aws_appautoscaling_target" when Number(value, "min_capacity") > Number(value, "max_capacity") => [new Finding("Invalid capacity", $"min_capacity {value["min_capacity"]} is above max_capacity {value["max_capacity"]}", ["min_capacity"])],
        _ => [],
    };

    // "Quotas for your Application Load Balancers": values of all conditions together, and wildcards in them.
    private static IEnumerable<Finding> ListenerRule(Dictionary<string, object?> value)
    {
        var conditions = Blocks(value, "condition").ToList();
        var texts = conditions.SelectMany(condition => condition.Values.OfType<List<object?>>()).SelectMany(blocks => blocks.OfType<Dictionary<string, object?>>())
            .SelectMany(block => block.TryGetValue("values", out var values) ? values as List<object?> ?? [] : [block.GetValueOrDefault("value")]).ToList();
        if (texts.Count > 5)
            yield return new Finding("Too many condition values", $"the rule has {texts.Count} condition values, and 5 are allowed: {string.Join(", ", texts)}", ["condition"]);
        var wildcards = texts.OfType<string>().Sum(text => text.Count(letter => letter is '*' or '?'));
        if (wildcards > 5) yield return new Finding("Too many wildcards", $"the rule has {wildcards} wildcards, and 5 are allowed", ["condition"]);
        foreach (var kind in new[] { "host_header", "http_request_method", "path_pattern", "source_ip" })
            if (conditions.Count(condition => Blocks(condition, kind).Any()) > 1)
                yield return new Finding("Condition given twice", $"a rule has at most one {kind} condition", ["condition"]);
        foreach (var (action, index) in Blocks(value, "action").Select((action, index) => (action, (long)index)))
            foreach (var finding in Action(action, ["action", index])) yield return finding;
    }

    private static IEnumerable<Finding> Listener(Dictionary<string, object?> value)
    {
        foreach (var (action, index) in Blocks(value, "default_action").Select((action, index) => (action, (long)index)))
            foreach (var finding in Action(action, ["default_action", index])) yield return finding;
        var secure = value.GetValueOrDefault("protocol") as string is "HTTPS" or "TLS";
        if (secure && value.GetValueOrDefault("certificate_arn") is null) yield return new Finding("Certificate missing", "an HTTPS listener needs certificate_arn", ["certificate_arn"]);
        if (!secure && value.GetValueOrDefault("protocol") is string && value.GetValueOrDefault("certificate_arn") is string)
            yield return new Finding("Certificate without TLS", "only an HTTPS listener has certificate_arn", ["certificate_arn"]);
    }

    private static IEnumerable<Finding> Action(Dictionary<string, object?> action, IReadOnlyList<object> path)
    {
        var needed = action.GetValueOrDefault("type") switch { "forward" => new[] { "target_group_arn", "forward" }, "redirect" => ["redirect"], "fixed-response" => ["fixed_response"], _ => [] };
        if (needed.Length > 0 && needed.All(argument => action.GetValueOrDefault(argument) is null or List<object?> { Count: 0 }))
            yield return new Finding("Action without its settings", $"an action of type {action["type"]} needs {string.Join(" or ", needed)}", path);
        foreach (var redirect in Blocks(action, "redirect").Where(redirect => Unchanged(redirect, "host", "#{host}") && Unchanged(redirect, "path", "/#{path}") && Unchanged(redirect, "port", "#{port}") && Unchanged(redirect, "protocol", "#{protocol}")))
            yield return new Finding("Redirect to itself", $"the redirect {redirect.GetValueOrDefault("status_code")} changes none of protocol, host, port and path", path);
    }

    private static bool Unchanged(Dictionary<string, object?> redirect, string part, string same) => redirect.GetValueOrDefault(part) is null or "" || redirect[part] as string == same;

    private static IEnumerable<Finding> TargetGroup(Dictionary<string, object?> value)
    {
        foreach (var check in Blocks(value, "health_check"))
            if (Number(check, "timeout") >= Number(check, "interval"))
                yield return new Finding("Health check timeout too long", $"timeout {check["timeout"]} s must be below interval {check["interval"]} s", ["health_check", 0L, "timeout"]);
    }

    private static IEnumerable<Finding> TaskDefinition(Dictionary<string, object?> value)
    {
        if (value.GetValueOrDefault("requires_compatibilities") is not List<object?> kinds || !kinds.Contains("FARGATE")) yield break;
        if (value.GetValueOrDefault("network_mode") is string mode && mode != "awsvpc")
            yield return new Finding("Network mode not for Fargate", $"network_mode is \"{mode}\"; Fargate needs awsvpc", ["network_mode"]);
        if (Number(value, "cpu") is not { } cpu || Number(value, "memory") is not { } memory) yield break;
        var fits = cpu == 256 ? memory is 512 or 1024 or 2048 : FargateMemory.TryGetValue((long)cpu, out var sizes) && memory >= sizes.Min && memory <= sizes.Max && (memory - sizes.Min) % sizes.Step == 0;
        if (!fits) yield return new Finding("Size not for Fargate", $"Fargate has no task with cpu {cpu} and memory {memory}", ["memory"]);
    }

    // "PutMetricAlarm" of Amazon CloudWatch.
    private static IEnumerable<Finding> Alarm(Dictionary<string, object?> value)
    {
        if (Number(value, "period") is { } period)
        {
            if (period is not (10 or 20 or 30) && (period <= 0 || period % 60 != 0))
                yield return new Finding("Invalid period", $"period {period} is neither 10, 20, 30 nor a multiple of 60 seconds", ["period"]);
            if (period * Number(value, "evaluation_periods") > 7 * 86400)
                yield return new Finding("Alarm looks too far back", "period times evaluation_periods is above seven days", ["evaluation_periods"]);
        }
        if (Number(value, "datapoints_to_alarm") > Number(value, "evaluation_periods"))
            yield return new Finding("Alarm that never fires", $"datapoints_to_alarm {value["datapoints_to_alarm"]} is above evaluation_periods {value["evaluation_periods"]}", ["datapoints_to_alarm"]);
    }

    private static IEnumerable<Finding> SecurityGroupRule(Dictionary<string, object?> value)
    {
        if (Number(value, "from_port") > Number(value, "to_port"))
            yield return new Finding("Invalid ports", $"from_port {value["from_port"]} is above to_port {value["to_port"]}", ["from_port"]);
        if (value.GetValueOrDefault("ip_protocol") is "tcp" or "udp" && value.GetValueOrDefault("from_port") is null)
            yield return new Finding("Ports missing", "tcp and udp need from_port and to_port", ["ip_protocol"]);
    }

    private static double? Number(Dictionary<string, object?> block, string name) => block.GetValueOrDefault(name) switch
    {
        long whole => whole,
        double number => number,
        string text when double.TryParse(text, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    private static IEnumerable<Dictionary<string, object?>> Blocks(Dictionary<string, object?> block, string name) => block.GetValueOrDefault(name) as List<object?> is { } list ? list.OfType<Dictionary<string, object?>>() : [];
}
