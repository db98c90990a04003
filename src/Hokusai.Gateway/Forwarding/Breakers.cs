using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Resilience;
using Hokusai.Gateway.Telemetry;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Forwarding;

/// <summary>One breaker for each thing that fails for itself: artifact stores are slow when metadata is fine, and the auth service is another service.</summary>
internal sealed class Breakers(CircuitBreakerOptions options, TimeProvider time, ILogger logger, Action<string> opened)
{
    public CircuitBreaker Metadata { get; } = new("metadata", options, time, logger, opened);

    public CircuitBreaker Artifacts { get; } = new("artifacts", options, time, logger, opened);

    public CircuitBreaker Auth { get; } = new("auth", options, time, logger, opened);

    public BreakerStates States => new(Metadata.State, Artifacts.State, Auth.State);

    /// <summary>The upstream answers its health check again.</summary>
    public void HastenUpstream()
    {
        Metadata.Hasten();
        Artifacts.Hasten();
    }

    public CircuitBreaker For(BodyClass body) => body == BodyClass.Artifact ? Artifacts : Metadata;
}
