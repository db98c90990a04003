using Hokusai.Gateway.Resilience;

namespace Hokusai.Gateway.Telemetry;

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
