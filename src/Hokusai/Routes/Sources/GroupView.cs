using Hokusai.Contracts.Routing;

namespace Hokusai.Routes.Sources;

/// <summary>A target group with what a real load balancer knows of it beside the routing.</summary>
/// <param name="Group">The group.</param>
internal sealed record GroupView(TargetGroup Group)
{
    /// <summary>Its ARN; null if it was not given.</summary>
    public string? Arn { get; init; }

    /// <summary>Its address in Terraform; null if it was not read from there.</summary>
    public string? Address { get; init; }

    /// <summary><c>ip</c>, <c>instance</c>, <c>lambda</c>, <c>alb</c>; null if it was not given.</summary>
    public string? TargetType { get; init; }

    /// <summary>Port that health checks go to; null for that of the requests.</summary>
    public int? CheckPort { get; init; }

    /// <summary>Whether its attributes were given; without them the deregistration delay is not known.</summary>
    public bool KnowsDelay { get; init; }

    /// <summary>Whether its health check is known; without it nothing is said of it.</summary>
    public bool KnowsCheck { get; init; } = true;

    /// <summary>Whether the group itself was given, and not only named by a rule.</summary>
    public bool IsDescribed { get; init; } = true;

    /// <summary>The registered targets; null if they were not given.</summary>
    public IReadOnlyList<TargetState>? Targets { get; init; }

    /// <summary>A group that a rule names and of which nothing else is known.</summary>
    public static GroupView NamedOnly(string name, string? arn) => new(new TargetGroup { Name = name, Port = 0 }) { Arn = arn, KnowsCheck = false, IsDescribed = false };
}

/// <summary>A registered target.</summary>
/// <param name="Id">Address or instance.</param>
/// <param name="Port">Port; 0 if it was not given.</param>
/// <param name="State">State as the load balancer names it, such as <c>healthy</c>.</param>
/// <param name="Reason">Its reason, such as <c>Target.Timeout</c>.</param>
/// <param name="Description">The reason in words.</param>
internal sealed record TargetState(string Id, int Port, string State, string? Reason, string? Description);
