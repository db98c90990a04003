using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hokusai.Contracts.Routing;

/// <summary>The routing table as written in <c>infrastructure/terraform/routes.json</c>, before it is checked.</summary>
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

/// <summary>A target group.</summary>
/// <param name="Port">Port on which the service listens.</param>
/// <param name="Protocol"><c>HTTP</c> or <c>HTTPS</c>.</param>
/// <param name="HealthCheck">How the load balancer finds out whether a target is well.</param>
public sealed record RouteTarget(int Port, string Protocol = "HTTP", RouteHealthCheck? HealthCheck = null);

/// <summary>Health check of a target group.</summary>
/// <param name="Path">Path to ask.</param>
/// <param name="Matcher">Status codes that count as well, as the load balancer writes them.</param>
public sealed record RouteHealthCheck(string Path, string Matcher = "200");

/// <summary>A listener rule.</summary>
/// <param name="Name">Name of the rule, unique.</param>
/// <param name="Priority">1 to 50,000, unique; the lowest that matches wins.</param>
/// <param name="Paths">Path patterns, one of which must match.</param>
/// <param name="Target">The target group to forward to.</param>
/// <param name="Hosts">Host patterns, one of which must match; absent for any host.</param>
/// <param name="Methods">Methods, one of which must match; absent for any method.</param>
/// <param name="Rewrite">How the path changes on the way to the target; absent for not at all.</param>
/// <param name="DirectAccess">Whether the rule goes past the gateway, and so is for the configured source networks only.</param>
public sealed record RouteRule(
    string Name,
    int Priority,
    IReadOnlyList<string> Paths,
    string Target,
    IReadOnlyList<string>? Hosts = null,
    IReadOnlyList<string>? Methods = null,
    UrlRewrite? Rewrite = null,
    bool DirectAccess = false);

/// <summary>The load balancer's url-rewrite transform.</summary>
/// <param name="Regex">Expression that the path must match; otherwise the path stays as it is.</param>
/// <param name="Replace">The new path, with <c>$1</c> for the first group.</param>
public sealed record UrlRewrite(string Regex, string Replace);

/// <summary>An answer that the load balancer gives itself.</summary>
/// <param name="Status">Status code.</param>
/// <param name="ContentType">Content type.</param>
/// <param name="Body">Body, 1,024 characters at most.</param>
public sealed record FixedResponse(int Status, string ContentType, string Body);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    ReadCommentHandling = JsonCommentHandling.Skip,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RoutingDocument))]
internal sealed partial class RoutingJson : JsonSerializerContext;
