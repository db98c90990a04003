using System.Text.Json;

namespace Hokusai.Gateway.Telemetry.Metrics;

/// <summary>The metrics of one EMF line: of the service, or of one value of a dimension besides it.</summary>
internal sealed class EmfLine(string? dimension, string? value)
{
    private readonly List<(MetricDefinition Definition, double Number, HistogramTotals? Totals)> _metrics = [];

    public string? Dimension => dimension;

    public string? Value => value;

    public void Add(MetricDefinition definition, long count) => Put(definition, (number, _) => (number + count, null));

    public void Add(MetricDefinition definition, HistogramTotals totals) => Put(definition, (_, known) => (0, known?.Plus(totals) ?? totals));

    /// <summary>Of a state with several series the highest counts: one open breaker is news, two closed ones beside it are not.</summary>
    public void Highest(MetricDefinition definition, double state) => Put(definition, (number, _) => (Math.Max(number, state), null));

    public void WriteDefinitions(Utf8JsonWriter json)
    {
        json.WriteStartArray("Metrics");
        foreach (var (definition, _, _) in _metrics)
        {
            json.WriteStartObject();
            json.WriteString("Name", definition.Emf);
            json.WriteString("Unit", definition.EmfUnit);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public void WriteValues(Utf8JsonWriter json)
    {
        foreach (var (definition, number, totals) in _metrics)
        {
            json.WritePropertyName(definition.Emf!);
            if (totals is null) json.WriteNumberValue(number);
            else totals.Write(json);
        }
    }

    private void Put(MetricDefinition definition, Func<double, HistogramTotals?, (double, HistogramTotals?)> change)
    {
        var at = _metrics.FindIndex(m => m.Definition == definition);
        var (number, totals) = change(at < 0 ? 0 : _metrics[at].Number, at < 0 ? null : _metrics[at].Totals);
        if (at < 0) _metrics.Add((definition, number, totals));
        else _metrics[at] = (definition, number, totals);
    }
}

/// <summary>A distribution at one moment, or what it grew by between two.</summary>
internal sealed record HistogramTotals(long[] Counts, double Sum)
{
    public long Count => Counts.Sum();

    public static HistogramTotals Of(HistogramSeries series) => new(series.Counts(), series.Sum);

    public HistogramTotals Minus(HistogramTotals before) => new([.. Counts.Zip(before.Counts, static (a, b) => a - b)], Sum - before.Sum);

    public HistogramTotals Plus(HistogramTotals more) => new([.. Counts.Zip(more.Counts, static (a, b) => a + b)], Sum + more.Sum);

    /// <summary>
    /// As values with their counts, from which CloudWatch makes percentiles; a bucket stands with its middle. It is the form that
    /// OpenTelemetry's EMF exporter sends.
    /// </summary>
    public void Write(Utf8JsonWriter json)
    {
        var bounds = HistogramFamily.Bounds;
        var filled = Enumerable.Range(0, Counts.Length).Where(b => Counts[b] > 0).ToList();
        json.WriteStartObject();
        json.WriteStartArray("Values");
        foreach (var bucket in filled) json.WriteNumberValue(Middle(bucket));
        json.WriteEndArray();
        json.WriteStartArray(nameof(Counts));
        foreach (var bucket in filled) json.WriteNumberValue(Counts[bucket]);
        json.WriteEndArray();
        json.WriteNumber("Min", filled[0] == 0 ? 0 : bounds[filled[0] - 1]);
        json.WriteNumber("Max", bounds[Math.Min(filled[^1], bounds.Length - 1)]);
        json.WriteNumber(nameof(Sum), Math.Round(Sum, 6));
        json.WriteNumber(nameof(Count), Count);
        json.WriteEndObject();

        double Middle(int bucket) => bucket == bounds.Length ? bounds[^1] : Math.Round(((bucket == 0 ? 0 : bounds[bucket - 1]) + bounds[bucket]) / 2, 6);
    }
}
