using System.Text;
using Hokusai.Gateway.Telemetry;
using Hokusai.Gateway.Telemetry.Metrics;

namespace Hokusai.Tests.Gateway.Telemetry;

/// <summary>Writes <c>docs/metrics.md</c> from the list of metrics.</summary>
internal static class MetricPage
{
    public static string Text()
    {
        var text = new StringBuilder();
        text.Append("# Metrics of the gateway\n\n");
        text.Append("Made from `src/Hokusai.Gateway/Telemetry/GatewayMetricList.cs`; a test fails when the two part\n");
        text.Append("(`HOKUSAI_WRITE_DOCS=1 ./test unit -- -class '*MetricPageTests'` writes it anew).\n\n");
        text.Append("Prometheus reads `/hokusai/metrics`; asked for OpenMetrics it gets exemplars too, whose `request_id` is what\n");
        text.Append("`hokusai why` takes. OTLP has the same metrics with dots in their names. CloudWatch gets EMF lines on standard output\n");
        text.Append("when they are switched on: what happened since the last lines, by service, and by class of endpoint or place of failure\n");
        text.Append("where the table says so. No metric has a key, a run or a path among its tags.\n\n");
        text.Append("| Prometheus | Kind | Unit | Tags | CloudWatch | |\n| --- | --- | --- | --- | --- | --- |\n");
        foreach (var metric in GatewayMetricList.All) text.Append(Row(metric)).Append('\n');
        text.Append("\nBuckets of the durations in seconds: ").Append(string.Join(", ", HistogramFamily.Bounds.Select(b => FormattableString.Invariant($"{b}")))).Append(".\n");
        return text.ToString();
    }

    private static string Row(MetricDefinition metric)
    {
        var tags = metric.Tags.Length == 0 ? "" : string.Join(", ", metric.Tags);
        var cloud = metric.Emf is null ? "" : metric.EmfBy == EmfDimension.None ? metric.Emf : $"{metric.Emf}, by {metric.EmfBy}";
        return $"| `{metric.PrometheusName}` | {metric.Kind.ToString().ToLowerInvariant()} | {metric.Unit} | {tags} | {cloud} | {metric.Description} |";
    }
}
