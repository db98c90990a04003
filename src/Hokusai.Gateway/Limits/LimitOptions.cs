namespace Hokusai.Gateway.Limits;

/// <summary>Settings of rate limits. Quotas have none: they stand with the key.</summary>
public sealed record LimitOptions
{
    /// <summary>Requests an hour of a key for which the auth service names no number. A key that says 0 has no limit.</summary>
    /// <value>0 to 36,000,000, default 0: no limit.</value>
    public int RateLimitPerHour { get; init; }

    /// <summary>How many requests a key may make at once, as a share of its hour's amount.</summary>
    /// <value>0.001 to 1, default 0.1.</value>
    public double BurstShare { get; init; } = 0.1;

    /// <summary>How many requests a key may make at once at least, as far as its hour's amount goes: logging one model takes about thirty.</summary>
    /// <value>1 to 10,000, default 40.</value>
    public int LeastBurst { get; init; } = 40;

    /// <summary>Failed attempts with a key that one client address may make a minute; an IPv6 address stands for its /64.</summary>
    /// <value>0 to 6,000, default 30; 0 for no limit.</value>
    public int FailedAttemptsPerMinute { get; init; } = 30;

    /// <summary>Failed attempts that one client address may make at once.</summary>
    /// <value>1 to 6,000, default 30.</value>
    public int FailedAttemptsBurst { get; init; } = 30;

    /// <summary>Keys, and client addresses, whose state is remembered at once. Beyond it those go first that would be free again first.</summary>
    /// <value>1,000 to 10,000,000, default 100,000.</value>
    public int MostEntries { get; init; } = 100_000;

    /// <summary>Deadline of one question to Redis; after it the gateway's own memory serves.</summary>
    /// <value>5 ms to 1 s, default 50 ms.</value>
    public TimeSpan RedisDeadline { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Whether the gateway counts as not ready while it can't share its limits.</summary>
    /// <value>Default false: it goes on with its own counts, and readiness says so.</value>
    public bool NeedRedis { get; init; }

    /// <summary>All faults at once, each with setting, value and remedy.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        OptionRange.Check(faults, "rateLimitPerHour", RateLimitPerHour, 0, 36_000_000);
        OptionRange.Check(faults, "rateLimitBurstShare", BurstShare, 0.001, 1);
        OptionRange.Check(faults, "rateLimitLeastBurst", LeastBurst, 1, 10_000);
        OptionRange.Check(faults, "failedAttemptsPerMinute", FailedAttemptsPerMinute, 0, 6_000);
        OptionRange.Check(faults, "failedAttemptsBurst", FailedAttemptsBurst, 1, 6_000);
        OptionRange.Check(faults, "limitMostEntries", MostEntries, 1_000, 10_000_000);
        OptionRange.Check(faults, "limitRedisDeadline", RedisDeadline, TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1));
        return faults;
    }
}
