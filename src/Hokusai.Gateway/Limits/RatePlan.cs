namespace Hokusai.Gateway.Limits;

/// <summary>How fast a bucket fills, and how much it holds. Times are ticks of 100 ns.</summary>
/// <param name="Interval">From one request to the next at the steady rate; rounded up, so that the rate is never exceeded.</param>
/// <param name="Burst">Requests in a full bucket.</param>
internal readonly record struct RatePlan(long Interval, int Burst)
{
    /// <summary>How long an empty bucket takes to be full.</summary>
    public long Span => Interval * Burst;

    /// <summary>The plan of a key; null if it has no limit.</summary>
    /// <param name="perHour">What the auth service says: null if it says nothing, 0 for no limit.</param>
    /// <param name="options">The rest.</param>
    public static RatePlan? OfKey(int? perHour, LimitOptions options)
    {
        var rate = perHour ?? options.RateLimitPerHour;
        if (rate <= 0) return null;
        // More at once than in an hour would be another limit than the one that was named.
        return Of(rate, TimeSpan.TicksPerHour, Math.Min(rate, Math.Max(options.LeastBurst, (int)(rate * options.BurstShare))));
    }

    /// <summary>The plan of a client address; null if there is no limit.</summary>
    public static RatePlan? OfAddress(LimitOptions options) =>
        options.FailedAttemptsPerMinute == 0 ? null : Of(options.FailedAttemptsPerMinute, TimeSpan.TicksPerMinute, options.FailedAttemptsBurst);

    /// <summary>What a bucket's state means.</summary>
    /// <param name="allowed">Whether there was one left.</param>
    /// <param name="ahead">How long until it is full.</param>
    public Allowance Read(bool allowed, long ahead) =>
        new(allowed, Burst, (int)(Math.Max(0, Span - ahead) / Interval), new TimeSpan(Math.Max(0, ahead + Interval - Span)), new TimeSpan(ahead));

    private static RatePlan Of(long rate, long per, int burst) => new((per + rate - 1) / rate, burst);
}

/// <summary>What a bucket answers.</summary>
/// <param name="Allowed">Whether the request may go on.</param>
/// <param name="Burst">How many a full bucket holds.</param>
/// <param name="Remaining">How many it holds now.</param>
/// <param name="UntilNext">How long until it holds one.</param>
/// <param name="UntilFull">How long until it is full.</param>
internal readonly record struct Allowance(bool Allowed, int Burst, int Remaining, TimeSpan UntilNext, TimeSpan UntilFull);

/// <summary>What is wanted of a bucket.</summary>
internal enum Draw
{
    /// <summary>One, if there is one.</summary>
    Take,

    /// <summary>To know whether there is one.</summary>
    Look,

    /// <summary>One, even if there is none: what is owed makes the wait longer, up to the time of two buckets.</summary>
    Charge,
}
