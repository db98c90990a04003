namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>What AWS asks to be there first is made first, though no argument names it.</summary>
internal static class OrderPolicies
{
    // By type: a network that was there before has none of these, and then there is nothing to wait for.
    private static readonly (string Type, string[] First, string Why)[] Orders =
    [
        ("aws_lb", ["aws_internet_gateway", "aws_route", "aws_route_table_association"], "AWS refuses a load balancer for the internet in a network without a way there"),
        ("aws_ecs_service", ["aws_route", "aws_route_table_association", "aws_vpc_endpoint", "aws_vpc_security_group_egress_rule"], "its first tasks would find no way to image and secrets"),
        ("aws_nat_gateway", ["aws_internet_gateway"], "AWS refuses a NAT gateway in a network without an internet gateway"),
    ];

    public static IEnumerable<PolicyFinding> Check(AppliedState state) =>
        from order in Orders
        from first in order.First
        where state.Of(first).Any()
        from resource in state.Of(order.Type)
        where !resource.After.Any(address => address.Split('.').Contains(first))
        select new PolicyFinding(resource.Address, $"it does not wait for {first}: {order.Why}", "name it in depends_on");
}
