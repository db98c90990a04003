namespace Hokusai.Gateway.Resilience;

/// <summary>How the gateway deals with an upstream that fails.</summary>
public sealed record ResilienceOptions
{
    /// <summary>Deadlines of metadata requests.</summary>
    public DeadlineOptions Deadlines { get; init; } = new();

    /// <summary>Retries.</summary>
    public RetryOptions Retries { get; init; } = new();

    /// <summary>The breakers of metadata, artifacts and the auth service, each for itself.</summary>
    public CircuitBreakerOptions Breaker { get; init; } = new();

    /// <summary>All faults at once, each with setting, value and remedy.</summary>
    public IReadOnlyList<string> Faults() => [.. Deadlines.Faults(), .. Retries.Faults(), .. Breaker.Faults()];
}
