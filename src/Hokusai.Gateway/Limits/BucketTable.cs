using System.Collections.Concurrent;

namespace Hokusai.Gateway.Limits;

/// <summary>This gateway's buckets by name. Those that are full leave it, and it never holds more than it may.</summary>
internal sealed class BucketTable(int most, TimeProvider time)
{
    private static readonly long SweepEvery = TimeSpan.TicksPerMinute;

    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly Lock _sweeping = new();
    private readonly long _origin = time.GetTimestamp();
    private long _nextSweep;

    /// <summary>Time of the buckets: it never goes back, whatever is done to the system's clock.</summary>
    public long Now => time.GetElapsedTime(_origin).Ticks;

    public int Count => _buckets.Count;

    /// <summary>Draws from the bucket of that name.</summary>
    public Allowance Draw(Draw draw, string name, RatePlan plan)
    {
        while (true)
        {
            if (Of(name, plan).TryDraw(draw, Now, out var allowance)) return allowance;
        }
    }

    /// <summary>The bucket of that name. One that had another plan begins anew, full.</summary>
    public Bucket Of(string name, RatePlan plan) => _buckets.TryGetValue(name, out var bucket) && IsFor(bucket, plan) ? bucket : Add(name, plan);

    private Bucket Add(string name, RatePlan plan)
    {
        Sweep(Now);
        return _buckets.AddOrUpdate(name, static (_, p) => new Bucket(p), static (_, found, p) => IsFor(found, p) ? found : new Bucket(p), plan);
    }

    private static bool IsFor(Bucket bucket, RatePlan plan) => bucket.Plan == plan && !bucket.IsGone;

    // By who brings a new one: without new ones nothing grows.
    private void Sweep(long now)
    {
        if (now < Volatile.Read(ref _nextSweep) && _buckets.Count < most) return;
        lock (_sweeping)
        {
            if (now < _nextSweep && _buckets.Count < most) return;
            _nextSweep = now + SweepEvery;
            foreach (var found in _buckets.Where(found => found.Value.TryRetire(now))) _buckets.TryRemove(found);
            if (_buckets.Count < most) return;
            foreach (var found in _buckets.OrderBy(found => found.Value.FullAt).Take(Math.Max(1, most / 10)).ToList())
            {
                found.Value.Retire();
                _buckets.TryRemove(found);
            }
        }
    }
}
