namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>All that must hold of the applied infrastructure beyond what AWS itself would refuse.</summary>
internal static class InfrastructurePolicies
{
    public static IReadOnlyList<PolicyFinding> Check(AppliedState state) =>
    [
        .. RoutePolicies.Check(state),
        .. PortPolicies.Check(state),
        .. DiscoveryPolicies.Check(state),
        .. ReachPolicies.Check(state),
        .. TimePolicies.Check(state),
        .. OrderPolicies.Check(state),
        .. EventPolicies.Check(state),
        .. TaskPolicies.Check(state),
        .. AlarmPolicies.Check(state),
        .. DataPolicies.Check(state),
        .. PermissionPolicies.Check(state),
        .. AddressPolicies.Check(state),
    ];
}
