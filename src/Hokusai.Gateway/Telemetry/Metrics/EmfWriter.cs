using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Hokusai.Gateway.Telemetry.Metrics;

/// <summary>
/// Writes metrics as CloudWatch embedded metric format: one JSON object a line, with what has happened since the last time. A line
/// for the service as a whole, one for each class of endpoints and one for each place of failure that had anything to tell.
/// </summary>
internal sealed class EmfWriter(MetricFamilies families, TelemetryOptions options, TimeProvider time)
{
    /// <summary>More metrics in a line are dropped by CloudWatch, so a list that outgrew it fails the tests.</summary>
    public const int MostMetrics = 100;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<(string Metric, MetricTags Tags), long> _lastCounts = [];
    private readonly Dictionary<(string Metric, MetricTags Tags), HistogramTotals> _lastHistograms = [];

    /// <summary>The lines of one interval. Not for two callers at once.</summary>
    public IReadOnlyList<string> Lines()
    {
        var whole = new EmfLine(null, null);
        var byDimension = new SortedDictionary<string, EmfLine>(StringComparer.Ordinal);
        foreach (var family in families.All.Where(f => f.Definition.Emf is not null)) Collect(family, whole, byDimension);
        return [Format(whole), .. byDimension.Values.Select(Format)];
    }

    private void Collect(MetricFamily family, EmfLine whole, SortedDictionary<string, EmfLine> byDimension)
    {
        switch (family)
        {
            case CounterFamily counter:
                whole.Add(counter.Definition, 0);
                foreach (var (tags, series) in counter.Read())
                {
                    var grown = Grown(counter.Definition, tags, series.Value);
                    whole.Add(counter.Definition, grown);
                    if (grown > 0) LineOf(counter.Definition, tags, byDimension)?.Add(counter.Definition, grown);
                }
                break;
            case GaugeFamily gauge:
                foreach (var (_, value) in gauge.Read()) whole.Highest(gauge.Definition, value);
                break;
            case HistogramFamily histogram:
                foreach (var (tags, series) in histogram.Read())
                {
                    var grown = Grown(histogram.Definition, tags, HistogramTotals.Of(series));
                    if (grown.Count == 0) continue;
                    whole.Add(histogram.Definition, grown);
                    LineOf(histogram.Definition, tags, byDimension)?.Add(histogram.Definition, grown);
                }
                break;
        }
    }

    private long Grown(MetricDefinition definition, MetricTags tags, long now)
    {
        var before = _lastCounts.GetValueOrDefault((definition.Name, tags));
        _lastCounts[(definition.Name, tags)] = now;
        return now - before;
    }

    private HistogramTotals Grown(MetricDefinition definition, MetricTags tags, HistogramTotals now)
    {
        var before = _lastHistograms.GetValueOrDefault((definition.Name, tags));
        _lastHistograms[(definition.Name, tags)] = now;
        return before is null ? now : now.Minus(before);
    }

    private static EmfLine? LineOf(MetricDefinition definition, MetricTags tags, SortedDictionary<string, EmfLine> lines)
    {
        if (definition.EmfBy == EmfDimension.None) return null;
        var dimension = definition.EmfBy == EmfDimension.Class ? "Class" : "Place";
        var value = tags[Array.IndexOf(definition.Tags, definition.EmfBy == EmfDimension.Class ? "class" : "place")];
        var key = $"{dimension}={value}";
        if (!lines.TryGetValue(key, out var line)) lines.Add(key, line = new EmfLine(dimension, value));
        return line;
    }

    private string Format(EmfLine line)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            json.WriteStartObject();
            WriteHead(json, line);
            json.WriteString("Service", options.ServiceName);
            if (line.Dimension is not null) json.WriteString(line.Dimension, line.Value);
            line.WriteValues(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private void WriteHead(Utf8JsonWriter json, EmfLine line)
    {
        json.WriteStartObject("_aws");
        json.WriteNumber("Timestamp", time.GetUtcNow().ToUnixTimeMilliseconds());
        json.WriteStartArray("CloudWatchMetrics");
        json.WriteStartObject();
        json.WriteString("Namespace", options.EmfNamespace);
        json.WriteStartArray("Dimensions");
        json.WriteStartArray();
        json.WriteStringValue("Service");
        if (line.Dimension is not null) json.WriteStringValue(line.Dimension);
        json.WriteEndArray();
        json.WriteEndArray();
        line.WriteDefinitions(json);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
