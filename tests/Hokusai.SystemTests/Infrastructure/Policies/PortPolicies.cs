namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>One port from the target group to the program, and one health path.</summary>
internal static class PortPolicies
{
    public static IEnumerable<PolicyFinding> Check(AppliedState state)
    {
        foreach (var service in state.Services)
        {
            var address = service.Task?.Address ?? service.Service.Address;
            if (service.Port is not { } port)
            {
                yield return new PolicyFinding(address, "the command has no --port", "name the port that the program listens on");
                continue;
            }
            if (!service.MappedPorts.SequenceEqual([port]))
                yield return new PolicyFinding(address, $"the container shows {string.Join(", ", service.MappedPorts)} and the program listens on {port}", "both must be the same port");
            if (service.HealthUrl is not { } health) yield return new PolicyFinding(address, "the container has no health check", "let it ask its own /health");
            else if (health.Port != port)
                yield return new PolicyFinding(address, $"its health check asks port {health.Port} and the program listens on {port}", "ask the program's own port");
            foreach (var balancer in service.Service.Blocks("load_balancer"))
            {
                if (balancer.Number("container_port") != port)
                    yield return new PolicyFinding(service.Service.Address, $"container_port {balancer.Text("container_port")} and the program listens on {port}", "register the program's own port");
                if (balancer.Text("container_name") != service.ContainerName)
                    yield return new PolicyFinding(service.Service.Address, $"container_name \"{balancer.Text("container_name")}\" and the container is \"{service.ContainerName}\"", "name the container");
                if (state.Find("aws_lb_target_group", "arn", balancer.Text("target_group_arn")) is not { } group) continue;
                if (group.Text("target_type") != "ip")
                    yield return new PolicyFinding(group.Address, $"target_type \"{group.Text("target_type")}\"", "tasks on Fargate are registered by address: ip");
                if (group.Number("port") != port)
                    yield return new PolicyFinding(group.Address, $"port {group.Text("port")} and the program behind it listens on {port}", "use the program's own port");
                foreach (var finding in Health(group, service.HealthUrl)) yield return finding;
            }
        }
    }

    private static IEnumerable<PolicyFinding> Health(StateResource group, Uri? own)
    {
        if (group.Blocks("health_check") is not [var check])
        {
            yield return new PolicyFinding(group.Address, "it has no health check of its own", "ask /health");
            yield break;
        }
        if (check.Text("enabled") == "false") yield return new PolicyFinding(group.Address, "its health check is off", "leave it on");
        if (own is not null && check.Text("path") != own.AbsolutePath)
            yield return new PolicyFinding(group.Address, $"its health check asks {check.Text("path")}, and the container's own asks {own.AbsolutePath}", "both must ask what tells liveness");
        if (check.Text("matcher") is not ("" or "200"))
            yield return new PolicyFinding(group.Address, $"its health check takes {check.Text("matcher")}", "a healthy service answers 200, and a redirect or an error is none");
        if (check.Text("port") is { Length: > 0 } port && port != "traffic-port" && port != group.Text("port"))
            yield return new PolicyFinding(group.Address, $"its health check asks port {port}", "ask the port that takes the requests");
        if (check.Number("interval") * check.Number("unhealthy_threshold") > 60)
            yield return new PolicyFinding(group.Address, $"a dead target is found after {check.Number("interval") * check.Number("unhealthy_threshold")} s", "find it within 60 s: shorten interval or unhealthy_threshold");
    }
}
