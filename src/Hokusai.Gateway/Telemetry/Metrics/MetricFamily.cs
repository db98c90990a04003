using System.Collections.Concurrent;

namespace Hokusai.Gateway.Telemetry.Metrics;

/// <summary>All series of one metric.</summary>
internal abstract class MetricFamily(MetricDefinition definition)
{
    /// <summary>More series than this are folded into one, so that no fault can grow memory without end.</summary>
    public const int MostSeries = 2000;

    /// <summary>Tag value of the series into which what is too much is folded.</summary>
    public const string Overflow = "other";

    public MetricDefinition Definition => definition;

    protected MetricTags OverflowTags { get; } = new(
        definition.Tags.Length > 0 ? Overflow : null,
        definition.Tags.Length > 1 ? Overflow : null,
        definition.Tags.Length > 2 ? Overflow : null);

    /// <summary>One series' tags as the instruments of System.Diagnostics.Metrics want them.</summary>
    public KeyValuePair<string, object?>[] Named(MetricTags tags)
    {
        var named = new KeyValuePair<string, object?>[definition.Tags.Length];
        for (var i = 0; i < named.Length; i++) named[i] = new(definition.Tags[i], tags[i]);
        return named;
    }
}

/// <summary>A family whose series come into being as they are met.</summary>
internal abstract class RecordedFamily<TSeries> : MetricFamily
    where TSeries : class
{
    private readonly ConcurrentDictionary<MetricTags, TSeries> _series = new();
    private readonly Func<MetricTags, TSeries> _make;
    private int _count;

    protected RecordedFamily(MetricDefinition definition, Func<MetricTags, TSeries> make)
        : base(definition)
    {
        _make = make;
        // What has no tags is shown from the start: an alarm must be able to tell zero from nothing.
        if (definition.Tags.Length == 0) Of(default);
    }

    /// <summary>All series in a stable order.</summary>
    public IReadOnlyList<(MetricTags Tags, TSeries Series)> Read() => [.. _series.Select(s => (s.Key, s.Value)).OrderBy(s => s.Key)];

    protected TSeries Of(MetricTags tags) => _series.TryGetValue(tags, out var series) ? series : Add(tags);

    // A second count beside the dictionary's own, which would lock all of its buckets.
    private TSeries Add(MetricTags tags)
    {
        if (Volatile.Read(ref _count) >= MostSeries) return _series.GetOrAdd(OverflowTags, _make);
        var made = _make(tags);
        var kept = _series.GetOrAdd(tags, made);
        if (ReferenceEquals(made, kept)) Interlocked.Increment(ref _count);
        return kept;
    }
}

/// <summary>Counts of one metric.</summary>
internal sealed class CounterFamily(MetricDefinition definition) : RecordedFamily<CounterSeries>(definition, static _ => new CounterSeries())
{
    public void Add(long count, MetricTags tags = default) => Of(tags).Add(count);
}

/// <summary>One count.</summary>
internal sealed class CounterSeries
{
    private long _value;

    public long Value => Interlocked.Read(ref _value);

    public void Add(long count) => Interlocked.Add(ref _value, count);
}

/// <summary>States of one metric, read by asking whoever knows.</summary>
internal sealed class GaugeFamily(MetricDefinition definition) : MetricFamily(definition)
{
    private readonly Lock _writing = new();
    private volatile (MetricTags Tags, Func<double> Read)[] _sources = [];

    /// <summary>Whom to ask for one series; who comes later replaces who was there.</summary>
    public void Observe(MetricTags tags, Func<double> read)
    {
        lock (_writing) _sources = [.. _sources.Where(s => s.Tags != tags).Append((Tags: tags, Read: read)).OrderBy(s => s.Tags)];
    }

    /// <summary>All series that have a value now.</summary>
    public IReadOnlyList<(MetricTags Tags, double Value)> Read() => [.. _sources.Select(s => (s.Tags, Value: Ask(s.Read))).Where(s => double.IsFinite(s.Value))];

    // The seam to other parts' state: one that fails (it was disposed of, say) must not take all the other metrics with it.
    private static double Ask(Func<double> read)
    {
        try
        {
            return read();
        }
        catch (Exception)
        {
            return double.NaN;
        }
    }
}
