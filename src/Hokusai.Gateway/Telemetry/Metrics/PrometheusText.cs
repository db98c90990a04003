using System.Globalization;
using System.Text;

namespace Hokusai.Gateway.Telemetry.Metrics;

/// <summary>Writes metrics as Prometheus reads them: the old text format 0.0.4, or OpenMetrics 1.0, which has units and exemplars.</summary>
internal static class PrometheusText
{
    public const string PlainType = "text/plain; version=0.0.4; charset=utf-8";
    public const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// <summary>All families as one text.</summary>
    /// <param name="families">What to write.</param>
    /// <param name="openMetrics">Whether the reader asked for OpenMetrics.</param>
    public static string Write(IReadOnlyList<MetricFamily> families, bool openMetrics)
    {
        var text = new StringBuilder(16 * 1024);
        foreach (var family in families)
        {
            WriteHead(text, family.Definition, openMetrics);
            switch (family)
            {
                case CounterFamily counter:
                    foreach (var (tags, series) in counter.Read()) WriteSample(text, counter, "", tags, null).Append(CultureInfo.InvariantCulture, $"{series.Value}\n");
                    break;
                case GaugeFamily gauge:
                    foreach (var (tags, value) in gauge.Read()) WriteSample(text, gauge, "", tags, null).Append(Number(value)).Append('\n');
                    break;
                case HistogramFamily histogram:
                    foreach (var (tags, series) in histogram.Read()) WriteHistogram(text, histogram, tags, series, openMetrics);
                    break;
            }
        }
        if (openMetrics) text.Append("# EOF\n");
        return text.ToString();
    }

    private static void WriteHead(StringBuilder text, MetricDefinition definition, bool openMetrics)
    {
        // In OpenMetrics the family's name lacks the _total that its samples have.
        var name = openMetrics && definition.Kind == MetricKind.Counter ? definition.PrometheusName[..^"_total".Length] : definition.PrometheusName;
        var kind = definition.Kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            _ => "histogram",
        };
        text.Append("# HELP ").Append(name).Append(' ').Append(Escape(definition.Description)).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(kind).Append('\n');
        if (openMetrics && definition.PrometheusUnit.Length > 0) text.Append("# UNIT ").Append(name).Append(' ').Append(definition.PrometheusUnit).Append('\n');
    }

    private static void WriteHistogram(StringBuilder text, HistogramFamily family, MetricTags tags, HistogramSeries series, bool openMetrics)
    {
        var counts = series.Counts();
        var total = 0L;
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            total += counts[bucket];
            var bound = bucket < HistogramFamily.Bounds.Length ? Bound(HistogramFamily.Bounds[bucket], openMetrics) : "+Inf";
            WriteSample(text, family, "_bucket", tags, bound).Append(CultureInfo.InvariantCulture, $"{total}");
            if (openMetrics && series.ExemplarOf(bucket) is { } example)
                text.Append(CultureInfo.InvariantCulture, $" # {{request_id=\"{Escape(example.RequestId)}\"}} {Number(example.Value)} {Number(example.At.ToUnixTimeMilliseconds() / 1000.0)}");
            text.Append('\n');
        }
        WriteSample(text, family, "_sum", tags, null).Append(Number(series.Sum)).Append('\n');
        WriteSample(text, family, "_count", tags, null).Append(CultureInfo.InvariantCulture, $"{total}\n");
    }

    // Name and labels, up to the blank before the value.
    private static StringBuilder WriteSample(StringBuilder text, MetricFamily family, string suffix, MetricTags tags, string? bound)
    {
        var names = family.Definition.Tags;
        text.Append(family.Definition.PrometheusName).Append(suffix);
        if (names.Length == 0 && bound is null) return text.Append(' ');
        text.Append('{');
        for (var i = 0; i < names.Length; i++)
        {
            if (i > 0) text.Append(',');
            text.Append(names[i]).Append("=\"").Append(Escape(tags[i])).Append('"');
        }
        if (bound is not null) text.Append(names.Length > 0 ? "," : "").Append("le=\"").Append(bound).Append('"');
        return text.Append("} ");
    }

    // OpenMetrics wants a bound to be seen to be a float: le="1.0", not le="1".
    private static string Bound(double value, bool openMetrics) => openMetrics && double.IsInteger(value) ? value.ToString("0.0", CultureInfo.InvariantCulture) : Number(value);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escape(string value) => value.AsSpan().IndexOfAny('\\', '"', '\n') < 0
        ? value
        : value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
