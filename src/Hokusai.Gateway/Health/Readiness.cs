using System.Text.Json.Serialization;

namespace Hokusai.Gateway.Health;

/// <summary>Answer of <c>/hokusai/ready</c>.</summary>
/// <param name="Ready">Whether it can serve.</param>
/// <param name="Draining">Whether it is about to end.</param>
/// <param name="Upstream">How MLflow answered.</param>
/// <param name="Auth">How the auth service answered.</param>
/// <param name="Limits"><c>own</c> for a gateway on its own, <c>shared</c>, or <c>degraded: …</c>.</param>
/// <param name="Remedy">What to do about it, if something is wrong.</param>
internal sealed record Readiness(bool Ready, bool Draining, string Upstream, string Auth, string Limits, string? Remedy);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Readiness))]
internal sealed partial class HealthJson : JsonSerializerContext;
