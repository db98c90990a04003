namespace Hokusai.Contracts.Routing;

/// <summary>A listener rule in the load balancer's own terms, wherever it was read: a routes file, an applied Terraform state, a real listener.</summary>
/// <param name="Name">Name of the rule.</param>
/// <param name="Priority">1 to 50,000; the lowest that matches wins.</param>
/// <param name="Conditions">What must all hold.</param>
/// <param name="Action">What happens then.</param>
/// <param name="Rewrite">Change of path and query on the way to the target.</param>
/// <param name="HostRewrite">Change of the Host header on the way to the target.</param>
/// <remarks>Source: AWS, "Listener rules for your Application Load Balancer".</remarks>
public sealed record ListenerRule(
    string Name,
    int Priority,
    IReadOnlyList<RuleCondition> Conditions,
    RuleAction Action,
    RewriteTransform? Rewrite = null,
    RewriteTransform? HostRewrite = null)
{
    /// <summary>The path patterns; empty if the rule takes any path.</summary>
    public IReadOnlyList<string> Paths => Conditions.OfType<PathCondition>().FirstOrDefault()?.Patterns ?? [];

    /// <summary>Whether the rule is bound to source networks.</summary>
    public bool HasSources => Conditions.OfType<SourceCondition>().Any();

    /// <summary>Whether the rule takes a request.</summary>
    /// <param name="request">The request.</param>
    public bool Takes(ListenerRequest request)
    {
        foreach (var condition in Conditions)
        {
            if (!condition.Holds(request)) return false;
        }
        return true;
    }
}

/// <summary>What a listener rule's action is.</summary>
public abstract record RuleAction
{
    /// <summary>The names of the target groups that the action forwards to; none for other actions.</summary>
    public virtual IEnumerable<string> TargetNames => [];
}

/// <summary>Hands the request to one of some target groups.</summary>
/// <param name="Targets">The groups, 1 to 5.</param>
public sealed record ForwardAction(IReadOnlyList<WeightedTarget> Targets) : RuleAction
{
    /// <summary>Forwards to a single group.</summary>
    /// <param name="target">The group.</param>
    public ForwardAction(string target)
        : this([new WeightedTarget(target, 1)])
    {
    }

    /// <inheritdoc/>
    public override IEnumerable<string> TargetNames => Targets.Select(t => t.Target);

    /// <summary>The group that takes a request.</summary>
    /// <param name="draw">A random number from 0 up to, not including, the sum of all weights.</param>
    /// <returns>The group; null if all weights are 0.</returns>
    public string? Choose(int draw)
    {
        foreach (var target in Targets)
        {
            if (draw < target.Weight) return target.Target;
            draw -= target.Weight;
        }
        return null;
    }

    /// <summary>Sum of all weights.</summary>
    public int TotalWeight => Targets.Sum(t => t.Weight);
}

/// <summary>Sends the client somewhere else.</summary>
/// <param name="Redirect">Where to.</param>
public sealed record RedirectAction(Redirect Redirect) : RuleAction;

/// <summary>Answers without a target.</summary>
/// <param name="Response">The answer.</param>
public sealed record FixedResponseAction(FixedResponse Response) : RuleAction;

/// <summary>An action that a real listener may have and the miniature has not, such as <c>authenticate-oidc</c>.</summary>
/// <param name="Type">Its type as the load balancer names it.</param>
public sealed record OtherAction(string Type) : RuleAction;
