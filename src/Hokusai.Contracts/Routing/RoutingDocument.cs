using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hokusai.Contracts.Routing;

/// <summary>The routing table as written in <c>infrastructure/terraform/routes.json</c>, before it is checked. Terraform, the edge and <c>hokusai routes</c> all read it.</summary>
/// <param name="Default">Answer to whatever no rule takes.</param>
/// <param name="Targets">Target groups by name.</param>
/// <param name="Rules">Listener rules in any order.</param>
public sealed record RoutingDocument(
    FixedResponse? Default,
    IReadOnlyDictionary<string, RouteTarget>? Targets,
    IReadOnlyList<RouteRule>? Rules)
{
    /// <summary>Reads the text of a routes file.</summary>
    /// <param name="json">The file's text.</param>
    /// <exception cref="JsonException">The text is not JSON of this form, or names a field that does not exist.</exception>
    public static RoutingDocument Parse(string json) =>
        JsonSerializer.Deserialize(json, RoutingJson.Default.RoutingDocument) ?? throw new JsonException("the document is null");
}

/// <summary>A target group as written.</summary>
/// <param name="Port">Port on which the service listens.</param>
/// <param name="Protocol"><c>HTTP</c> or <c>HTTPS</c>.</param>
/// <param name="HealthCheck">How the load balancer finds out whether a target is well; absent for its default, which asks <c>/</c>.</param>
/// <param name="DeregistrationDelaySeconds">How long requests that run may go on after a target was taken out; 0 to 3600, default 300.</param>
/// <param name="Algorithm"><c>round_robin</c> (default) or <c>least_outstanding_requests</c>.</param>
/// <param name="SlowStartSeconds">How long a new target's share grows; 0 (default) for at once, or 30 to 900.</param>
public sealed record RouteTarget(
    int Port,
    string Protocol = "HTTP",
    RouteHealthCheck? HealthCheck = null,
    int DeregistrationDelaySeconds = 300,
    string Algorithm = "round_robin",
    int SlowStartSeconds = 0);

/// <summary>Health check of a target group as written; what is absent is as the load balancer's API has it.</summary>
/// <param name="Path">Path to ask, with a query if it needs one.</param>
/// <param name="Matcher">Status codes that count as well: <c>200</c>, <c>200,204</c> or <c>200-299</c>.</param>
/// <param name="IntervalSeconds">Time between two checks; 5 to 300, default 30.</param>
/// <param name="TimeoutSeconds">Time for an answer; 2 to 120 and below the interval, default 5.</param>
/// <param name="HealthyThreshold">Good answers in a row after which an unhealthy target is well again; 2 to 10, default 5.</param>
/// <param name="UnhealthyThreshold">Failures in a row after which a target is unhealthy; 2 to 10, default 2.</param>
public sealed record RouteHealthCheck(
    string Path,
    string Matcher = "200",
    int IntervalSeconds = 30,
    int TimeoutSeconds = 5,
    int HealthyThreshold = 5,
    int UnhealthyThreshold = 2);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    ReadCommentHandling = JsonCommentHandling.Skip,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RoutingDocument))]
internal sealed partial class RoutingJson : JsonSerializerContext;
