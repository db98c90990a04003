namespace Hokusai.Gateway.Limits;

/// <summary>
/// A token bucket in one number, the moment at which it will be full again (GCRA): taking one moves it by an interval, and passing time fills
/// the bucket without anybody's doing. Exact and without a lock.
/// </summary>
internal sealed class Bucket(RatePlan plan)
{
    // It has left its table: what is taken from it would be lost.
    private const long Gone = long.MinValue;

    private long _fullAt;

    public RatePlan Plan => plan;

    public bool IsGone => Volatile.Read(ref _fullAt) == Gone;

    public long FullAt => Volatile.Read(ref _fullAt);

    /// <summary>The count of Redis' losses when Redis last knew of this bucket.</summary>
    public int KnownAt { get; set; } = -1;

    /// <summary>Draws from it.</summary>
    /// <returns>False if it is gone; ask its table for another.</returns>
    public bool TryDraw(Draw draw, long now, out Allowance allowance)
    {
        while (true)
        {
            var fullAt = Volatile.Read(ref _fullAt);
            if (fullAt == Gone) break;
            var ahead = Math.Max(0, fullAt - now);
            var fits = ahead + plan.Interval <= plan.Span;
            if (draw == Draw.Charge || (draw == Draw.Take && fits))
            {
                ahead = Math.Min(ahead + plan.Interval, draw == Draw.Charge ? 2 * plan.Span : plan.Span);
                if (Interlocked.CompareExchange(ref _fullAt, now + ahead, fullAt) != fullAt) continue;
            }
            allowance = plan.Read(fits, ahead);
            return true;
        }
        allowance = default;
        return false;
    }

    /// <summary>Takes over what Redis knows, unless more is known here.</summary>
    public void Learn(long fullAt)
    {
        var known = Volatile.Read(ref _fullAt);
        while (known != Gone && known < fullAt)
        {
            var before = Interlocked.CompareExchange(ref _fullAt, fullAt, known);
            if (before == known) return;
            known = before;
        }
    }

    /// <summary>Ends it if it is full: a new one would be the same.</summary>
    public bool TryRetire(long now)
    {
        var fullAt = Volatile.Read(ref _fullAt);
        return fullAt != Gone && fullAt <= now && Interlocked.CompareExchange(ref _fullAt, Gone, fullAt) == fullAt;
    }

    /// <summary>Ends it as it is.</summary>
    public void Retire() => Volatile.Write(ref _fullAt, Gone);
}
