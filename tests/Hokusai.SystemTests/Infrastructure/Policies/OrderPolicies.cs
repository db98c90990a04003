namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>What AWS asks to be there first is made first, though no argument names it. In a network that was there before there is nothing to wait for.</summary>
internal static class OrderPolicies
{
    public static IEnumerable<PolicyFinding> Check(AppliedState state)
    {
        var internet = state.Of("aws_internet_gateway").Concat(state.Of("aws_route").Where(route => route.Text("gateway_id").Length > 0)).ToList();
        var findings = state.Of("aws_lb").SelectMany(balancer => Late(balancer, [.. internet, .. Associations(state, balancer.Texts("subnets"))], "AWS refuses a load balancer for the internet in a network without a way there"));
        var ways = state.Of("aws_route").Where(route => route.Text("nat_gateway_id").Length > 0).Concat(state.Of("aws_vpc_endpoint")).ToList();
        return findings.Concat(state.Of("aws_ecs_service").SelectMany(service =>
            Late(service, [.. ways, .. Associations(state, [.. service.Blocks("network_configuration").SelectMany(network => network.Texts("subnets"))])], "its first tasks would find no way to image and secrets")));
    }

    private static IEnumerable<StateResource> Associations(AppliedState state, IReadOnlyList<string> subnets) => state.Of("aws_route_table_association").Where(association => subnets.Contains(association.Text("subnet_id")));

    private static IEnumerable<PolicyFinding> Late(StateResource resource, IEnumerable<StateResource> first, string why) => first.Select(other => other.Address.Split('[')[0]).Distinct().Where(other => !resource.After.Contains(other))
        .Select(other => new PolicyFinding(resource.Address, $"it does not wait for {other}: {why}", "name it in depends_on"));
}
