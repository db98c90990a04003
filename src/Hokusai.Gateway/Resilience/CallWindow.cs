namespace Hokusai.Gateway.Resilience;

/// <summary>Good and bad calls of the last while, in ten buckets that are used in turn. Not thread-safe: its breaker guards it.</summary>
internal sealed class CallWindow(TimeSpan length, TimeProvider time)
{
    private const int Buckets = 10;

    private readonly Bucket[] _buckets = new Bucket[Buckets];
    private readonly long _ticksPerBucket = Math.Max(1, (long)(length.TotalSeconds * time.TimestampFrequency / Buckets));

    /// <summary>Counts a call.</summary>
    public void Add(bool success)
    {
        var turn = Turn();
        ref var bucket = ref _buckets[turn % Buckets];
        if (bucket.Turn != turn) bucket = new Bucket { Turn = turn };
        if (success) bucket.Good++;
        else bucket.Bad++;
    }

    /// <summary>What the window holds now.</summary>
    public (int Calls, int Failures) Sum()
    {
        var oldest = Turn() - Buckets + 1;
        var (calls, failures) = (0, 0);
        foreach (ref readonly var bucket in _buckets.AsSpan())
        {
            if (bucket.Turn < oldest) continue;
            calls += bucket.Good + bucket.Bad;
            failures += bucket.Bad;
        }
        return (calls, failures);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => Array.Clear(_buckets);

    // Turns begin at 1 so that an unused bucket (turn 0) is never a current one.
    private long Turn() => (time.GetTimestamp() / _ticksPerBucket) + Buckets;

    private struct Bucket
    {
        public long Turn;
        public int Good;
        public int Bad;
    }
}
