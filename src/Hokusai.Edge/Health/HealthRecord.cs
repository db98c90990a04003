using Hokusai.Contracts.Routing;

namespace Hokusai.Edge.Health;

/// <summary>What the checks of one target say about it. Guarded by the one who owns the target.</summary>
/// <remarks>Source: AWS, "Health checks for Application Load Balancer target groups".</remarks>
internal sealed class HealthRecord
{
    private readonly HealthCheck? _check;
    private int _goodInARow;
    private int _badInARow;

    public HealthRecord(HealthCheck? check, bool used)
    {
        _check = check;
        (State, Reason, Description) = (used, check) switch
        {
            (false, _) => (TargetState.Unused, "Target.NotInUse", "Target group is not used by a rule of the listener"),
            (_, null) => (TargetState.Unavailable, "Target.HealthCheckDisabled", "Health checks are disabled for this target group"),
            _ => (TargetState.Initial, "Elb.RegistrationInProgress", "Target registration is in progress"),
        };
    }

    public TargetState State { get; private set; }

    public string Reason { get; private set; }

    public string Description { get; private set; }

    /// <summary>Whether requests may go to the target while its group is not in need. AWS does not say what holds where checks are off; here such a target counts as well.</summary>
    public bool IsFit => State is TargetState.Healthy or TargetState.Unavailable;

    /// <summary>Takes in the outcome of a check.</summary>
    /// <returns>Whether the state is another now.</returns>
    public bool Record(CheckOutcome outcome)
    {
        if (State is TargetState.Draining or TargetState.Unused || _check is null) return false;
        var before = State;
        if (outcome.IsGood) RecordGood(_check);
        else RecordBad(_check, outcome);
        return State != before;
    }

    /// <summary>The target was taken out of its group.</summary>
    public void Drain() => (State, Reason, Description) = (TargetState.Draining, "Target.DeregistrationInProgress", "Target deregistration is in progress");

    private void RecordGood(HealthCheck check)
    {
        _badInARow = 0;
        _goodInARow++;
        // A new target needs a single good answer; one that was found unhealthy as many as the threshold says.
        if (State == TargetState.Initial || (State == TargetState.Unhealthy && _goodInARow >= check.HealthyThreshold)) (State, Reason, Description) = (TargetState.Healthy, "", "");
    }

    private void RecordBad(HealthCheck check, CheckOutcome outcome)
    {
        _goodInARow = 0;
        _badInARow++;
        // AWS does not say how many failures make a new target unhealthy; here as many as an old one.
        if (State == TargetState.Unhealthy || _badInARow >= check.UnhealthyThreshold) (State, Reason, Description) = (TargetState.Unhealthy, outcome.Reason, outcome.Description);
        else if (State == TargetState.Initial) (Reason, Description) = ("Elb.InitialHealthChecking", "Initial health checks in progress");
    }
}
