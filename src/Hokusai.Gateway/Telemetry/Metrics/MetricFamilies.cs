using System.Diagnostics.Metrics;

namespace Hokusai.Gateway.Telemetry.Metrics;

/// <summary>
/// The metrics of a list of definitions: each with its series here, and with an instrument of System.Diagnostics.Metrics over them,
/// from which OTLP exports. Counters and gauges are observed, so that a listener costs the requests nothing.
/// </summary>
internal sealed class MetricFamilies : IDisposable
{
    private readonly Dictionary<string, MetricFamily> _byName = new(StringComparer.Ordinal);
    private readonly List<MetricFamily> _all = [];

    public MetricFamilies(string meterName, IEnumerable<MetricDefinition> definitions, TimeProvider time)
    {
        Meter = new Meter(meterName);
        foreach (var definition in definitions)
        {
            var family = Make(definition, time);
            _byName.Add(definition.Name, family);
            _all.Add(family);
        }
    }

    /// <summary>The meter of these families: of several gateways in one process each has its own, with the same name.</summary>
    public Meter Meter { get; }

    /// <summary>All families in the order of their definitions.</summary>
    public IReadOnlyList<MetricFamily> All => _all;

    public CounterFamily Counter(MetricDefinition definition) => (CounterFamily)_byName[definition.Name];

    public GaugeFamily Gauge(MetricDefinition definition) => (GaugeFamily)_byName[definition.Name];

    public HistogramFamily Histogram(MetricDefinition definition) => (HistogramFamily)_byName[definition.Name];

    public void Dispose() => Meter.Dispose();

    private MetricFamily Make(MetricDefinition definition, TimeProvider time)
    {
        switch (definition.Kind)
        {
            case MetricKind.Counter:
                var counter = new CounterFamily(definition);
                Meter.CreateObservableCounter(definition.Name, () => Measure(counter), definition.Unit, definition.Description);
                return counter;
            case MetricKind.Gauge:
                var gauge = new GaugeFamily(definition);
                Meter.CreateObservableGauge(definition.Name, () => Measure(gauge), definition.Unit, definition.Description);
                return gauge;
            default:
                var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = HistogramFamily.Bounds };
                return new HistogramFamily(definition, Meter.CreateHistogram(definition.Name, definition.Unit, definition.Description, tags: null, advice), time);
        }
    }

    private static IEnumerable<Measurement<long>> Measure(CounterFamily family) => family.Read().Select(s => new Measurement<long>(s.Series.Value, family.Named(s.Tags)));

    private static IEnumerable<Measurement<double>> Measure(GaugeFamily family) => family.Read().Select(s => new Measurement<double>(s.Value, family.Named(s.Tags)));
}
