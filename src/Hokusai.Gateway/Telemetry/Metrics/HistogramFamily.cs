using System.Diagnostics.Metrics;

namespace Hokusai.Gateway.Telemetry.Metrics;

/// <summary>Durations of one metric. They are kept here for Prometheus and EMF, and handed to the instrument when somebody (OTLP) listens to it.</summary>
internal sealed class HistogramFamily(MetricDefinition definition, Histogram<double> instrument, TimeProvider time)
    : RecordedFamily<HistogramSeries>(definition, static _ => new HistogramSeries())
{
    /// <summary>Upper bounds in seconds, from a cached verdict to an upload; what is above the last one is in a bucket of its own.</summary>
    public static readonly double[] Bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    /// <summary>Records one duration.</summary>
    /// <param name="took">How long it took.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="requestId">An example for its bucket, by which <c>hokusai why</c> can tell more.</param>
    public void Record(TimeSpan took, MetricTags tags, string? requestId)
    {
        Of(tags).Record(took, requestId, time);
        if (instrument.Enabled) instrument.Record(took.TotalSeconds, Named(tags));
    }
}

/// <summary>A recorded value that stands for its bucket.</summary>
internal sealed record Exemplar(string RequestId, double Value, DateTimeOffset At);

/// <summary>One distribution.</summary>
internal sealed class HistogramSeries
{
    // An exemplar is an object; one a second and bucket is example enough, however many requests there are.
    private static readonly TimeSpan ExemplarPause = TimeSpan.FromSeconds(1);

    private readonly long[] _counts = new long[HistogramFamily.Bounds.Length + 1];
    private readonly Exemplar?[] _exemplars = new Exemplar?[HistogramFamily.Bounds.Length + 1];
    private readonly long[] _exemplarDue = new long[HistogramFamily.Bounds.Length + 1];
    private long _ticks;

    /// <summary>Sum of all values in seconds.</summary>
    public double Sum => TimeSpan.FromTicks(Interlocked.Read(ref _ticks)).TotalSeconds;

    /// <summary>Counts of each bucket by itself, not cumulated.</summary>
    public long[] Counts()
    {
        var copy = new long[_counts.Length];
        for (var i = 0; i < copy.Length; i++) copy[i] = Interlocked.Read(ref _counts[i]);
        return copy;
    }

    /// <summary>The latest example of a bucket.</summary>
    public Exemplar? ExemplarOf(int bucket) => Volatile.Read(ref _exemplars[bucket]);

    public void Record(TimeSpan took, string? requestId, TimeProvider time)
    {
        var bucket = BucketOf(took.TotalSeconds);
        Interlocked.Increment(ref _counts[bucket]);
        Interlocked.Add(ref _ticks, took.Ticks);
        if (requestId is not null) KeepExemplar(bucket, requestId, took.TotalSeconds, time);
    }

    private void KeepExemplar(int bucket, string requestId, double seconds, TimeProvider time)
    {
        var due = Volatile.Read(ref _exemplarDue[bucket]);
        var now = time.GetTimestamp();
        if (due != 0 && now < due) return;
        var next = now + (long)(ExemplarPause.TotalSeconds * time.TimestampFrequency);
        if (Interlocked.CompareExchange(ref _exemplarDue[bucket], next, due) != due) return;
        Volatile.Write(ref _exemplars[bucket], new Exemplar(requestId, seconds, time.GetUtcNow()));
    }

    // Most values lie in the lower buckets, so walking beats a binary search.
    private static int BucketOf(double seconds)
    {
        var bounds = HistogramFamily.Bounds;
        var bucket = 0;
        while (bucket < bounds.Length && seconds > bounds[bucket]) bucket++;
        return bucket;
    }
}
