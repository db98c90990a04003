namespace Hokusai.Contracts.Routing;

/// <summary>A target group in the load balancer's own terms.</summary>
/// <remarks>Source: AWS, "Target groups for your Application Load Balancers".</remarks>
public sealed record TargetGroup
{
    /// <summary>Name of the group.</summary>
    public required string Name { get; init; }

    /// <summary>Port on which its targets listen.</summary>
    public required int Port { get; init; }

    /// <summary><c>HTTP</c> or <c>HTTPS</c>. A target's certificate is not checked, as the load balancer does not.</summary>
    public string Protocol { get; init; } = "HTTP";

    /// <summary>How targets are checked; null for not at all.</summary>
    public HealthCheck? HealthCheck { get; init; }

    /// <summary>How long requests that run may go on after a target was taken out.</summary>
    /// <value>0 s to 3600 s, default 300 s.</value>
    public TimeSpan DeregistrationDelay { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How a target is chosen.</summary>
    public BalancingAlgorithm Algorithm { get; init; }

    /// <summary>How long a new target's share grows.</summary>
    /// <value>0 for at once (default), or 30 s to 900 s.</value>
    public TimeSpan SlowStart { get; init; }

    /// <summary>Healthy targets below which all registered ones get requests ("fail open").</summary>
    /// <value>1 or more, default 1.</value>
    public int LeastHealthy { get; init; } = 1;
}

/// <summary>How the targets of a group are chosen from.</summary>
public enum BalancingAlgorithm
{
    /// <summary>One after the other.</summary>
    RoundRobin,

    /// <summary>The one with the fewest requests under way.</summary>
    LeastOutstandingRequests,
}

/// <summary>Health check of a target group.</summary>
/// <param name="Path">Path to ask, with a query if it needs one.</param>
/// <param name="Matcher">Status codes that count as well.</param>
/// <param name="Interval">Time between two checks.</param>
/// <param name="Timeout">Time for an answer.</param>
/// <param name="HealthyThreshold">Good answers in a row after which an unhealthy target is well again. A new one needs a single good answer.</param>
/// <param name="UnhealthyThreshold">Failures in a row after which a target is unhealthy.</param>
/// <param name="Port">Port to ask; null (default) for the one that requests go to.</param>
/// <remarks>Source: AWS, "Health checks for Application Load Balancer target groups".</remarks>
public sealed record HealthCheck(string Path, StatusMatcher Matcher, TimeSpan Interval, TimeSpan Timeout, int HealthyThreshold, int UnhealthyThreshold, int? Port = null);
