using System.Text.Json.Serialization;

namespace Hokusai.Gateway.Health;

/// <summary>Answer of <c>/hokusai/ready</c>.</summary>
/// <param name="Ready">Whether it can serve.</param>
/// <param name="Draining">Whether it is about to end.</param>
/// <param name="Upstream">How MLflow answered.</param>
/// <param name="Limits"><c>own</c> for a gateway on its own, <c>shared</c>, or <c>degraded: …</c>.</param>
internal sealed record Readiness(bool Ready, bool Draining, string Upstream, string Limits);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Readiness))]
internal sealed partial class HealthJson : JsonSerializerContext;
