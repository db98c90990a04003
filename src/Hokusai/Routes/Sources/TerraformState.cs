using System.Text.Json;
using Hokusai.Contracts.Routing;
using Hokusai.Edge;

namespace Hokusai.Routes.Sources;

/// <summary>The listeners that Terraform has applied, read from what <c>terraform show -json</c> prints of a state.</summary>
/// <remarks>
/// Source: HashiCorp, "JSON Output Format"; the AWS provider's <c>aws_lb</c>, <c>aws_lb_listener</c>, <c>aws_lb_listener_rule</c> and
/// <c>aws_lb_target_group</c>, as resources or as data sources, in the root module or in any other.
/// </remarks>
internal sealed record TerraformState
{
    /// <summary>The listeners, in the order of the state.</summary>
    public required IReadOnlyList<StateListener> Listeners { get; init; }

    /// <summary>The target groups, also those that no rule uses.</summary>
    public required IReadOnlyList<StateTargetGroup> TargetGroups { get; init; }

    /// <summary>What the miniature does not do as the load balancer would, in words; empty if it does all.</summary>
    public required IReadOnlyList<string> Remarks { get; init; }

    /// <summary>Whether a text is Terraform's output rather than another document that tells of listeners.</summary>
    /// <param name="document">The document's root.</param>
    public static bool Is(JsonElement document) => document.ValueKind == JsonValueKind.Object && document.TryGetProperty("format_version", out _) && (document.TryGetProperty("values", out _) || IsPlan(document) || document.TryGetProperty("terraform_version", out _));

    /// <summary>Reads a state.</summary>
    /// <param name="json">What <c>terraform show -json</c> printed.</param>
    /// <exception cref="InvalidDataException">The text is no state, is a plan, or lacks what a load balancer needs. The message names it and the remedy.</exception>
    public static TerraformState Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"is no JSON ({e.Message}); write it with 'terraform show -json > FILE'", e);
        }
    }

    /// <summary>The listener that the miniature stands for.</summary>
    /// <param name="port">The listener's port; null for the HTTPS one if there is one, else the HTTP one.</param>
    /// <exception cref="InvalidDataException">There is none, or more than one.</exception>
    public StateListener Listener(int? port)
    {
        var known = string.Join(", ", Listeners.Select(l => $"{l.Protocol}:{l.Port}"));
        var fitting = Listeners.Where(l => port is null || l.Port == port).ToList();
        if (port is null && fitting.Any(l => l.Protocol == "HTTPS")) fitting.RemoveAll(l => l.Protocol != "HTTPS");
        return fitting.Count switch
        {
            1 => fitting[0],
            0 => throw new InvalidDataException(Listeners.Count == 0 ? "has no aws_lb_listener" : $"has no listener on port {port}; there are {known}"),
            _ => throw new InvalidDataException($"has {fitting.Count} listeners{(port is null ? "" : $" on port {port}")} ({known}); choose one by its port"),
        };
    }

    /// <summary>The routing table of a listener.</summary>
    /// <param name="listener">One of <see cref="Listeners"/>.</param>
    public RoutingTable TableOf(StateListener listener) => new(listener.Default, TargetGroups.ToDictionary(g => g.Group.Name, g => g.Group), listener.Rules);

    private static bool IsPlan(JsonElement document) => document.TryGetProperty("planned_values", out _) || document.TryGetProperty("resource_changes", out _);

    private static TerraformState Read(JsonElement document)
    {
        if (!Is(document)) throw new InvalidDataException("is no output of 'terraform show -json': it has no format_version");
        // Before it is applied nobody knows which ARN a rule's listener and target group will have: nothing could be joined.
        if (IsPlan(document)) throw new InvalidDataException("is a plan, in which the ARNs that join rules, listeners and target groups are unknown; apply it and give the state ('terraform show -json' without a plan file)");
        if (!document.TryGetProperty("values", out var values) || values.ValueKind != JsonValueKind.Object || !values.TryGetProperty("root_module", out var root)) throw new InvalidDataException("is an empty state: nothing was applied");
        return new StateReader([.. StateResource.In(root)]).Read();
    }
}

/// <summary>A listener of an applied state.</summary>
/// <param name="Arn">Its ARN.</param>
/// <param name="Port">Its port; null if the state has rules for the listener but not the listener itself.</param>
/// <param name="Protocol"><c>HTTP</c> or <c>HTTPS</c>; empty as above.</param>
/// <param name="LoadBalancer">The load balancer that it belongs to, with the attributes that were set or their defaults.</param>
/// <param name="Default">Its default action.</param>
/// <param name="StateRules">Its rules in order of priority.</param>
internal sealed record StateListener(string Arn, int? Port, string Protocol, StateLoadBalancer LoadBalancer, RuleAction Default, IReadOnlyList<StateRule> StateRules)
{
    /// <summary>The rules without what only a review needs.</summary>
    public IEnumerable<ListenerRule> Rules => StateRules.Select(r => r.Rule);
}

/// <summary>A rule with the addresses under which it can be changed.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Arn">Its ARN.</param>
/// <param name="Address">Its address in Terraform.</param>
internal sealed record StateRule(ListenerRule Rule, string Arn, string Address);

/// <summary>A target group of an applied state.</summary>
/// <param name="Group">The group, under the name that its rules have for it.</param>
/// <param name="Arn">Its ARN.</param>
/// <param name="AwsName">Its name at AWS.</param>
/// <param name="TargetType"><c>ip</c>, <c>instance</c>, <c>lambda</c> or <c>alb</c>.</param>
/// <param name="Address">Its address in Terraform.</param>
internal sealed record StateTargetGroup(TargetGroup Group, string Arn, string AwsName, string TargetType, string Address);

/// <summary>A load balancer's attributes that its listeners share.</summary>
/// <param name="Arn">Its ARN; empty if the state does not hold it.</param>
/// <param name="IdleTimeout">How long a connection may be without a byte.</param>
/// <param name="ForwardedFor">What becomes of <c>X-Forwarded-For</c>.</param>
/// <param name="ForwardedClientPort">Whether the client's port is in it.</param>
/// <param name="PreserveHost">Whether the Host header passes unchanged.</param>
/// <param name="DropInvalidHeaders">Whether headers with odd names are dropped.</param>
internal sealed record StateLoadBalancer(
    string Arn,
    TimeSpan IdleTimeout,
    ForwardedForMode ForwardedFor = ForwardedForMode.Append,
    bool ForwardedClientPort = false,
    bool PreserveHost = false,
    bool DropInvalidHeaders = false);
