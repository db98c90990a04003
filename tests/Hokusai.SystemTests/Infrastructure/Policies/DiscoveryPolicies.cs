namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>Services find each other by names that exist and lead to the right port.</summary>
internal static class DiscoveryPolicies
{
    private const int LongestTtl = 60;

    public static IEnumerable<PolicyFinding> Check(AppliedState state)
    {
        foreach (var service in state.Services)
        {
            if (service.Registration is null)
                yield return new PolicyFinding(service.Service.Address, "it is registered in no entry of service discovery (service_registries)", "register it, or nobody finds it by name");
            else if (service.Namespace is null) yield return new PolicyFinding(service.Registration.Address, "its namespace is not there", "put it into the private DNS namespace");
            else if (service.Registration.Text("name") != service.ContainerName)
                yield return new PolicyFinding(service.Service.Address, $"{service.ContainerName} is registered as {service.Registration.Text("name")}", "register each service under its own name");
            foreach (var finding in Names(state, service)) yield return finding;
        }
        foreach (var entry in state.Of("aws_service_discovery_service"))
        {
            var records = entry.Blocks("dns_config").SelectMany(dns => dns.Blocks("dns_records")).ToList();
            if (!records.Exists(record => record.Text("type") == "A"))
                yield return new PolicyFinding(entry.Address, $"it has records of type {string.Join(", ", records.Select(record => record.Text("type")))}", "awsvpc tasks need A records");
            foreach (var record in records.Where(record => record.Number("ttl") > LongestTtl))
                yield return new PolicyFinding(entry.Address, $"its records live {record.Text("ttl")} s", $"a dead address must be gone within {LongestTtl} s");
            if (entry.Blocks("health_check_custom_config") is not [var custom] || custom.Number("failure_threshold") != 1)
                yield return new PolicyFinding(entry.Address, "its health_check_custom_config has not the threshold 1", "AWS knows no other, and without it the provider makes no such health check");
            if (!entry.Flag("force_destroy"))
                yield return new PolicyFinding(entry.Address, "an address that is left in it keeps it from being destroyed", "set force_destroy");
            if (entry.Blocks("health_check_config").Count > 0)
                yield return new PolicyFinding(entry.Address, "it has a health check of Route 53, which can't reach private addresses", "use health_check_custom_config: ECS says what is healthy");
        }
        foreach (var space in state.Of("aws_service_discovery_private_dns_namespace"))
            foreach (var group in state.Of("aws_lb_target_group").Where(group => group.Text("vpc_id") != space.Text("vpc")))
                yield return new PolicyFinding(space.Address, $"it is in VPC {space.Text("vpc")}, and {group.Address} in {group.Text("vpc_id")}", "both belong into one VPC");
    }

    private static IEnumerable<PolicyFinding> Names(AppliedState state, ServiceView service)
    {
        var spaces = state.Of("aws_service_discovery_private_dns_namespace").Select(space => space.Text("name")).ToList();
        var known = state.Of("aws_db_instance").ToDictionary(database => database.Text("address"), database => (database.Address, database.Number("port") ?? 5432), StringComparer.Ordinal);
        foreach (var cache in state.Of("aws_elasticache_replication_group")) known[cache.Text("primary_endpoint_address")] = (cache.Address, cache.Number("port") ?? 6379);
        foreach (var other in state.Services.Where(other => other.Registration is not null && other.Port is not null)) known[other.HostName] = (other.Service.Address, other.Port!.Value);
        foreach (var (where, host, port) in service.Speaks())
        {
            var address = service.Task!.Address;
            if (!known.TryGetValue(host, out var target))
                yield return new PolicyFinding(address, $"{where} of {service.Name} names {host}, which nothing here is registered as", $"names are SERVICE.{string.Join(" or ", spaces)}, or an endpoint of a database or cache of this configuration");
            else if (target.Item2 != port)
                yield return new PolicyFinding(address, $"{where} of {service.Name} names {host}:{port}, and {target.Address} listens on {target.Item2}", "use its port");
        }
        if (service.Settings.GetValueOrDefault("HOKUSAI_GATEWAY__DISCOVERYMODE") is { } mode && mode != "dns")
            yield return new PolicyFinding(service.Task!.Address, $"the gateway finds MLflow by \"{mode}\"", "in AWS addresses change with each deployment: use dns");
        if (service.Option("--allowed-hosts") is { } hosts)
            foreach (var caller in state.Services.SelectMany(other => other.Speaks().Where(told => told.Host == service.HostName)).Where(told => !hosts.Split(',').Contains($"{told.Host}:{told.Port}") && !hosts.Split(',').Contains(told.Host)))
                yield return new PolicyFinding(service.Task!.Address, $"--allowed-hosts {hosts} refuses {caller.Host}:{caller.Port}, under which {caller.Where} asks it", "allow that name");
    }
}
