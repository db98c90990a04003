using System.Text.Json.Serialization;

namespace Hokusai.Gateway.Health;

/// <summary>Answer of <c>/hokusai/ready</c>.</summary>
internal sealed record Readiness(bool Ready, bool Draining, string Upstream, string Auth, string? Remedy);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Readiness))]
internal sealed partial class HealthJson : JsonSerializerContext;
