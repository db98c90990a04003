using System.Text.Json;

namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>Tasks run with as little as they need, write their logs where there is a group, and roll back when they don't come up.</summary>
internal static class TaskPolicies
{
    public static IEnumerable<PolicyFinding> Check(AppliedState state)
    {
        foreach (var service in state.Services)
        {
            if (service.Task is not { } task)
            {
                yield return new PolicyFinding(service.Service.Address, $"its task definition {service.Service.Text("task_definition")} is not there", "name one of this configuration");
                continue;
            }
            foreach (var finding in Container(state, service, task)) yield return finding;
            if (!service.Service.Blocks("deployment_circuit_breaker").Any(breaker => breaker.Flag("enable") && breaker.Flag("rollback")))
                yield return new PolicyFinding(service.Service.Address, "a deployment that does not come up is tried for ever", "switch on deployment_circuit_breaker with rollback");
            if (service.Service.Number("deployment_minimum_healthy_percent") < 100)
                yield return new PolicyFinding(service.Service.Address, $"deployment_minimum_healthy_percent {service.Service.Text("deployment_minimum_healthy_percent")}", "keep 100, so that a deployment takes no capacity away");
            // A service that exists already keeps its desired count, and comes down to the other by and by.
            var scaled = state.Of("aws_appautoscaling_target").Where(target => target.Text("resource_id").EndsWith($"/{service.Service.Text("name")}", StringComparison.Ordinal)).ToList();
            var least = scaled.Select(target => target.Number("min_capacity")).Append(service.Service.Number("desired_count")).Min();
            if (state.Production && least < 2)
                yield return new PolicyFinding(service.Service.Address, $"{least} task in production", "run two at least");
            var grace = service.Service.Number("health_check_grace_period_seconds");
            if (!service.Service.Blocks("load_balancer").Any() && grace is not null)
                yield return new PolicyFinding(service.Service.Address, "ECS takes a grace period only with a load balancer", "leave health_check_grace_period_seconds out where there is no target group");
            if (service.Service.Blocks("load_balancer").Any() && !(grace >= 30))
                yield return new PolicyFinding(service.Service.Address, "its tasks may be killed before they had time to start", "set health_check_grace_period_seconds");
            var own = service.Container.TryGetProperty("healthCheck", out var check) && check.TryGetProperty("startPeriod", out var start) ? start.GetInt32() : 0;
            if (grace >= 30 && grace < own)
                yield return new PolicyFinding(service.Service.Address, $"the load balancer's checks count after {grace} s, and the container's own after {own} s", "let neither count before a store can be brought up to date");
            if (!task.Flag("skip_destroy"))
                yield return new PolicyFinding(task.Address, "ECS can't go back to a task definition that is inactive, and a new one would take the last away", "set skip_destroy");
            if (scaled.Count == 0)
                yield return new PolicyFinding(service.Service.Address, "it does not scale", "add an aws_appautoscaling_target for it");
        }
        foreach (var target in state.Of("aws_appautoscaling_target"))
        {
            if (!state.Of("aws_ecs_service").Any(service => target.Text("resource_id") == $"service/{state.Find("aws_ecs_cluster", "arn", service.Text("cluster"))?.Text("name")}/{service.Text("name")}"))
                yield return new PolicyFinding(target.Address, $"resource_id {target.Text("resource_id")} is no service of this configuration", "write service/CLUSTER/SERVICE");
            if (!state.Of("aws_appautoscaling_policy").Any(policy => policy.Text("resource_id") == target.Text("resource_id")))
                yield return new PolicyFinding(target.Address, "no policy moves it", "add an aws_appautoscaling_policy");
        }
    }

    private static IEnumerable<PolicyFinding> Container(AppliedState state, ServiceView service, StateResource task)
    {
        var container = service.Container;
        if (!container.TryGetProperty("readonlyRootFilesystem", out var only) || only.ValueKind != JsonValueKind.True)
            yield return new PolicyFinding(task.Address, "the container may write into its image", "set readonlyRootFilesystem");
        // The task's limit stands in a cgroup above the container's own, which can't be seen from within: the runtime would take the machine's memory for its own.
        var memory = container.TryGetProperty("memory", out var limit) ? limit.GetInt64() : 0;
        if (memory != task.Number("memory"))
            yield return new PolicyFinding(task.Address, $"the program sees a limit of {memory} MiB and the task has {task.Text("memory")} MiB (0 is none): it collects no garbage when it should, and is killed", "give the container the task's memory");
        if (!container.TryGetProperty("user", out var user) || user.GetString() is "" or "0" or "root" or null)
            yield return new PolicyFinding(task.Address, "the container runs as root", "name another user");
        if (container.TryGetProperty("linuxParameters", out var linux) && linux.TryGetProperty("initProcessEnabled", out var init) && init.ValueKind == JsonValueKind.True)
            yield return new PolicyFinding(task.Address, "another process stands before the program", "leave initProcessEnabled out: the program takes SIGTERM itself and starts no others");
        // The provider compares what was written with what ECS gives back, and evens this out nowhere: a difference replaces the task definition.
        if (linux.ValueKind == JsonValueKind.Object && linux.TryGetProperty("capabilities", out var capabilities) && !(capabilities.TryGetProperty("add", out _) && capabilities.TryGetProperty("drop", out _)))
            yield return new PolicyFinding(task.Address, "ECS gives capabilities back with add and drop: every plan would make the task definition anew, and start all tasks again", "write both, if need be as []");
        if (!container.TryGetProperty("healthCheck", out var check) || !check.TryGetProperty("startPeriod", out var start) || start.GetInt32() < 120)
            yield return new PolicyFinding(task.Address, "its health check counts before a store can be brought up to date", "give it a startPeriod of 120 s");
        var options = container.TryGetProperty("logConfiguration", out var log) && log.TryGetProperty("options", out var found) ? found : default;
        var group = options.ValueKind == JsonValueKind.Object && options.TryGetProperty("awslogs-group", out var name) ? name.GetString()! : "";
        if (state.Find("aws_cloudwatch_log_group", "name", group) is null)
            yield return new PolicyFinding(task.Address, $"it writes logs to \"{group}\", which is no group of this configuration", "name one that is, or the task can't start");
        if (!service.Command.Contains("serve")) yield return new PolicyFinding(task.Address, $"its command is {string.Join(' ', service.Command)}", "serve a role");
        foreach (var setting in service.Settings.Where(setting => setting.Key.Contains("PASSWORD", StringComparison.OrdinalIgnoreCase) || setting.Key.Contains("SECRET", StringComparison.OrdinalIgnoreCase) || setting.Key.Contains("TOKEN", StringComparison.OrdinalIgnoreCase)))
            yield return new PolicyFinding(task.Address, $"{setting.Key} stands in the environment in the clear", "put it into secrets");
    }
}
