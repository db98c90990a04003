namespace Hokusai.Gateway.Telemetry;

/// <summary>State of a circuit breaker as metrics and people see it; the numbers are the metric's values.</summary>
internal enum BreakerState : byte
{
    Closed = 0,
    HalfOpen = 1,
    Open = 2,
}

/// <summary>The states of the three breakers at one moment.</summary>
internal readonly record struct BreakerStates(BreakerState Metadata, BreakerState Artifacts, BreakerState Auth)
{
    public bool AllClosed => this == default;

    /// <summary>The state in a word.</summary>
    public static string Word(BreakerState state) => state switch
    {
        BreakerState.Closed => "closed",
        BreakerState.HalfOpen => "half-open",
        _ => "open",
    };
}
