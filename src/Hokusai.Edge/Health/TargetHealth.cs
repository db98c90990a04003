namespace Hokusai.Edge.Health;

/// <summary>How a target is, as <c>describe-target-health</c> tells it.</summary>
/// <param name="Group">Its target group.</param>
/// <param name="Address">Its address.</param>
/// <param name="State">Its state.</param>
/// <param name="Reason">Why it is in that state, in the load balancer's words such as <c>Target.Timeout</c>; empty if it is healthy.</param>
/// <param name="Description">The reason for people; empty if it is healthy.</param>
/// <remarks>Source: AWS, "Target health status" and "Health check reason codes".</remarks>
public sealed record TargetHealth(string Group, string Address, TargetState State, string Reason, string Description);

/// <summary>The states of a target.</summary>
public enum TargetState
{
    /// <summary>Registered, and no check went well yet.</summary>
    Initial,

    /// <summary>Well.</summary>
    Healthy,

    /// <summary>Failed as many checks in a row as the group's threshold says.</summary>
    Unhealthy,

    /// <summary>Its group is used by no rule, so it is not checked and gets no requests.</summary>
    Unused,

    /// <summary>Taken out; requests that run may end.</summary>
    Draining,

    /// <summary>Its group has no health check.</summary>
    Unavailable,
}
