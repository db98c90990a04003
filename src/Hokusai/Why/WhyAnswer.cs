using System.Text.Json.Serialization;

namespace Hokusai.Why;

/// <summary>What a gateway tells of one request, as far as the text form shows it; <c>--json</c> prints the gateway's own words.</summary>
internal sealed record WhyAnswer(
    string RequestId,
    DateTimeOffset At,
    string Method,
    string Path,
    int Status,
    bool Failed,
    double TookMs,
    IReadOnlyList<WhyEvent> Story,
    string? Route = null,
    string? Place = null,
    string? Code = null,
    string? Cause = null,
    string? Hint = null,
    string? Upstream = null,
    string? TraceId = null);

/// <summary>One event of a request.</summary>
internal sealed record WhyEvent(double AtMs, string Text);

/// <summary>The gateway's refusal.</summary>
internal sealed record WhyRefusal(string? Message, WhyRefusalDetail? Hokusai);

/// <summary>The part of a refusal that is for people.</summary>
internal sealed record WhyRefusalDetail(string? Hint);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WhyAnswer))]
[JsonSerializable(typeof(WhyRefusal))]
internal sealed partial class WhyJson : JsonSerializerContext;
