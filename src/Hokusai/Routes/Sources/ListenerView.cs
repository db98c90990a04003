using Hokusai.Contracts.Routing;

namespace Hokusai.Routes.Sources;

/// <summary>A listener with its rules.</summary>
internal sealed record ListenerView
{
    private RoutingTable? _table;

    /// <summary>What reports call it, such as <c>HTTPS:443</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its ARN; null if it was not given.</summary>
    public string? Arn { get; init; }

    /// <summary>What tells its load balancer from others; null if it was not given.</summary>
    public string? LoadBalancer { get; init; }

    /// <summary>Its port; null if it was not given.</summary>
    public int? Port { get; init; }

    /// <summary><c>HTTP</c> or <c>HTTPS</c>; null if it was not given.</summary>
    public string? Protocol { get; init; }

    /// <summary>Its rules in order of priority, without the default.</summary>
    public required IReadOnlyList<RuleView> Rules { get; init; }

    /// <summary>What happens to a request that no rule takes.</summary>
    public required RuleAction Default { get; init; }

    /// <summary>Rules for direct access that are off, since no source networks were given.</summary>
    public IReadOnlyList<RouteRule> Off { get; init; } = [];

    /// <summary>The rules as something that requests can be put to.</summary>
    public RoutingTable Table => _table ??= new RoutingTable(Default, new Dictionary<string, TargetGroup>(), Rules.Select(r => r.Rule));

    /// <summary>Whether it hands any request to a target group.</summary>
    public bool Forwards => Rules.Any(r => r.Rule.Action is ForwardAction) || Default is ForwardAction;

    /// <summary>Whether all that it does for clients is to send them on to HTTPS.</summary>
    public bool OnlySendsToHttps => !Forwards && (Rules.Any(r => IsToHttps(r.Rule.Action)) || IsToHttps(Default));

    /// <summary>Whether an action sends the client on to HTTPS.</summary>
    public static bool IsToHttps(RuleAction action) => action is RedirectAction { Redirect.Protocol: "HTTPS" };

    /// <summary>The rule that takes a request; null for the default.</summary>
    public RuleView? Match(ListenerRequest request) => Rules.FirstOrDefault(r => r.Rule.Takes(request));
}

/// <summary>A rule with what a real load balancer knows of it beside the routing.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Arn">Its ARN, or its address in Terraform; null if it has none.</param>
/// <param name="Before">Actions before the last one, such as <c>authenticate-oidc</c>.</param>
/// <param name="Unread">What of it could not be read, such as a rewrite's expression.</param>
internal sealed record RuleView(ListenerRule Rule, string? Arn, IReadOnlyList<string> Before, IReadOnlyList<string> Unread)
{
    public RuleView(ListenerRule rule)
        : this(rule, null, [], [])
    {
    }

    /// <summary>Priority and name, as reports call it.</summary>
    public string Label => Rule.Name == $"rule {Rule.Priority}" ? Rule.Name : $"rule {Rule.Priority} ({Rule.Name})";
}
