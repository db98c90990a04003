namespace Hokusai.Routes.Sources;

/// <summary>Routing as it was read from somewhere: one listener or several, with their target groups.</summary>
/// <param name="Form">Where it was read from, which decides how a remedy is written.</param>
/// <param name="Listeners">The listeners in the order in which they were found.</param>
/// <param name="Groups">Target groups by name.</param>
/// <param name="Notes">What could not be read, or was taken to be so.</param>
internal sealed record RoutingSource(SourceForm Form, IReadOnlyList<ListenerView> Listeners, IReadOnlyDictionary<string, GroupView> Groups, IReadOnlyList<string> Notes)
{
    /// <summary>The ARN of a target group; null if it is not known.</summary>
    public string? ArnOf(string group) => Groups.GetValueOrDefault(group)?.Arn;
}

/// <summary>Where routing was read from.</summary>
internal enum SourceForm
{
    /// <summary>A routes file, as Terraform and the edge read it.</summary>
    RoutesFile,

    /// <summary>An applied Terraform state.</summary>
    TerraformState,

    /// <summary>What the AWS CLI says of a real load balancer.</summary>
    Aws,
}
