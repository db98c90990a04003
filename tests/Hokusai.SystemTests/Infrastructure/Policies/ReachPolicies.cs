namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>Security groups open what the chain needs, both ways, and nothing else.</summary>
internal static class ReachPolicies
{
    private sealed record Flow(string From, string To, int Port, string Why);

    public static IEnumerable<PolicyFinding> Check(AppliedState state)
    {
        var needed = Needed(state).ToList();
        foreach (var flow in needed)
        {
            if (!state.Of("aws_vpc_security_group_ingress_rule").Any(rule => rule.Text("security_group_id") == flow.To && rule.Text("referenced_security_group_id") == flow.From && Opens(rule, flow.Port)))
                yield return new PolicyFinding(Group(state, flow.To), $"port {flow.Port} is closed to {Group(state, flow.From)} ({flow.Why})", "add the ingress rule");
            if (!state.Of("aws_vpc_security_group_egress_rule").Any(rule => rule.Text("security_group_id") == flow.From && (rule.Text("referenced_security_group_id") == flow.To || rule.Text("cidr_ipv4") == "0.0.0.0/0") && Opens(rule, flow.Port)))
                yield return new PolicyFinding(Group(state, flow.From), $"it has no way out to {Group(state, flow.To)} on port {flow.Port} ({flow.Why})", "add the egress rule");
        }
        var balancers = state.Of("aws_lb").SelectMany(balancer => balancer.Texts("security_groups")).ToHashSet(StringComparer.Ordinal);
        var endpoints = state.Of("aws_vpc_endpoint").SelectMany(endpoint => endpoint.Texts("security_group_ids")).ToHashSet(StringComparer.Ordinal);
        foreach (var rule in state.Of("aws_vpc_security_group_ingress_rule"))
        {
            var to = rule.Text("security_group_id");
            if (balancers.Contains(to) || (endpoints.Contains(to) && Opens(rule, 443))) continue;
            if (rule.Text("referenced_security_group_id") is { Length: > 0 } from)
            {
                if (!needed.Exists(flow => flow.From == from && flow.To == to && OnlyOpens(rule, flow.Port)))
                    yield return new PolicyFinding(rule.Address, $"it lets {Group(state, from)} reach {Group(state, to)} on {Ports(rule)}, which nothing needs", "remove it");
            }
            else if (!IsAdministration(state, rule))
                yield return new PolicyFinding(rule.Address, $"it opens {Group(state, to)} on {Ports(rule)} to the network {rule.Text("cidr_ipv4")}{rule.Text("cidr_ipv6")}", "services are reached through groups, not addresses");
        }
        foreach (var rule in state.Of("aws_vpc_security_group_ingress_rule").Where(rule => OpensAdministration(state, rule)))
            foreach (var gateway in state.Services.Where(service => IsGateway(service) && !state.Of("aws_vpc_security_group_ingress_rule").Any(other => service.SecurityGroups.Contains(other.Text("security_group_id"))
                && other.Text("cidr_ipv4") == rule.Text("cidr_ipv4") && other.Text("cidr_ipv6") == rule.Text("cidr_ipv6") && OnlyOpens(other, service.Port ?? 0))))
                yield return new PolicyFinding(gateway.Service.Address, $"{rule.Text("cidr_ipv4")}{rule.Text("cidr_ipv6")} may administer keys and can't ask the gateway for its dependencies", "open its port to the same networks");
        foreach (var listener in state.Of("aws_lb_listener"))
            if (!state.Of("aws_vpc_security_group_ingress_rule").Any(rule => balancers.Contains(rule.Text("security_group_id")) && Opens(rule, (int)listener.Number("port")!)))
                yield return new PolicyFinding(listener.Address, $"port {listener.Text("port")} of the load balancer is closed to everybody", "add the ingress rule for clients");
        foreach (var rule in state.Of("aws_vpc_security_group_ingress_rule").Where(rule => balancers.Contains(rule.Text("security_group_id")) && !state.Of("aws_lb_listener").Any(listener => OnlyOpens(rule, (int)listener.Number("port")!))))
            yield return new PolicyFinding(rule.Address, $"it opens {Ports(rule)} of the load balancer, where no listener is", "open the listeners' ports alone");
        foreach (var network in state.Services.SelectMany(service => service.Service.Blocks("network_configuration")).Where(network => network.Flag("assign_public_ip")))
            yield return new PolicyFinding(network.Address, "its tasks get public addresses", "set assign_public_ip to false");
        foreach (var shared in state.Services.SelectMany(service => service.SecurityGroups.Select(group => (service.Service.Address, group))).Where(use => balancers.Contains(use.group)))
            yield return new PolicyFinding(shared.Address, "it is in the load balancer's security group", "give each service a group of its own");
    }

    private static IEnumerable<Flow> Needed(AppliedState state)
    {
        var used = state.UsedTargetGroups;
        foreach (var service in state.Services)
        {
            foreach (var balancer in service.Service.Blocks("load_balancer").Where(balancer => used.Contains(balancer.Text("target_group_arn"))))
                foreach (var from in state.Of("aws_lb").SelectMany(found => found.Texts("security_groups")))
                    foreach (var to in service.SecurityGroups) yield return new Flow(from, to, (int)(balancer.Number("container_port") ?? 0), $"a listener rule forwards to {service.Name}");
            foreach (var (where, host, port) in service.Speaks())
                foreach (var from in service.SecurityGroups)
                    foreach (var to in Groups(state, host)) yield return new Flow(from, to, port, $"{where} of {service.Name}");
        }
    }

    private static IEnumerable<string> Groups(AppliedState state, string host) =>
        state.Services.Where(service => service.HostName == host).SelectMany(service => service.SecurityGroups)
            .Concat(state.Of("aws_db_instance").Where(database => database.Text("address") == host).SelectMany(database => database.Texts("vpc_security_group_ids")))
            .Concat(state.Of("aws_elasticache_replication_group").Where(cache => cache.Text("primary_endpoint_address") == host).SelectMany(cache => cache.Texts("security_group_ids")));

    // Keys are administered from named networks: never from everywhere, and only on the port that the program keeps for it. The same
    // networks, and no others, ask each gateway for its dependencies and metrics.
    private static bool IsAdministration(AppliedState state, StateResource rule) => rule.Text("cidr_ipv4") != "0.0.0.0/0" && rule.Text("cidr_ipv6") != "::/0"
        && (OpensAdministration(state, rule) || (state.Services.Any(service => IsGateway(service) && service.SecurityGroups.Contains(rule.Text("security_group_id")) && OnlyOpens(rule, service.Port ?? 0))
            && state.Of("aws_vpc_security_group_ingress_rule").Any(other => other.Text("cidr_ipv4") == rule.Text("cidr_ipv4") && other.Text("cidr_ipv6") == rule.Text("cidr_ipv6") && OpensAdministration(state, other))));

    private static bool OpensAdministration(AppliedState state, StateResource rule) => state.Services.Any(service => service.SecurityGroups.Contains(rule.Text("security_group_id"))
        && service.Option("--admin-port") is { } port && OnlyOpens(rule, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture)));

    private static bool IsGateway(ServiceView service) => service.Command is ["serve", "gateway", ..];

    private static bool Opens(StateResource rule, int port) => rule.Text("ip_protocol") == "-1" || (rule.Text("ip_protocol") == "tcp" && rule.Number("from_port") <= port && rule.Number("to_port") >= port);

    private static bool OnlyOpens(StateResource rule, int port) => rule.Text("ip_protocol") == "tcp" && rule.Number("from_port") == port && rule.Number("to_port") == port;

    private static string Ports(StateResource rule) => rule.Text("ip_protocol") == "-1" ? "all ports" : rule.Text("from_port") == rule.Text("to_port") ? $"port {rule.Text("from_port")}" : $"ports {rule.Text("from_port")}-{rule.Text("to_port")}";

    private static string Group(AppliedState state, string id) => state.Find("aws_security_group", "id", id)?.Address ?? id;
}
