namespace Hokusai.Gateway.Shield;

/// <summary>Settings of the replay shield.</summary>
public sealed record ShieldOptions
{
    /// <summary>Whether creates are shielded at all.</summary>
    /// <value>Default true.</value>
    public bool Enabled { get; init; } = true;

    /// <summary>How long an outcome that did not reach its client waits for the client's re-send.</summary>
    /// <value>1 s to 1 h, default 10 min: MLflow's client gives up after 244 s of waits and up to eight slow answers.</value>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a re-send waits for the outcome of the first, which is still in flight. After it: 503, and the next re-send waits again.</summary>
    /// <value>0 to 55 s, default 25 s: below the total deadline of a request.</value>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// How long a create is held while an equal one is in flight whose client still seems to be there. A client that gave up re-sends
    /// at once, and its re-send may overtake the news that its old connection has ended.
    /// </summary>
    /// <value>0 to 1 s, default 100 ms. Delays only creates that are equal to the last byte and run at the same time.</value>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>After which time a create in flight of which nothing more is heard is forgotten: its gateway died.</summary>
    /// <value>1 s to 10 min, default 60 s; more than the total deadline of a request.</value>
    public TimeSpan LongestFlight { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the delivery of a kept outcome may take before the next re-send may have it: the gateway that delivered it died.</summary>
    /// <value>1 s to 5 min, default 30 s.</value>
    public TimeSpan LongestDelivery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Larger requests are not shielded.</summary>
    /// <value>Bytes, 1 KiB to 256 KiB, default 256 KiB: bodies up to there are kept for retries anyway, larger ones travel as they come.</value>
    public int LargestRequest { get; init; } = 256 * 1024;

    /// <summary>Bodies of larger answers are not kept; a re-send is told that the thing was made and its answer lost.</summary>
    /// <value>Bytes, 1 KiB to 1 MiB, default 64 KiB.</value>
    public int LargestAnswer { get; init; } = 64 * 1024;

    /// <summary>Creates in flight and kept outcomes in memory at once.</summary>
    /// <value>100 to 1,000,000, default 10,000. Beyond it the oldest kept outcome goes.</value>
    public int MostEntries { get; init; } = 10_000;

    /// <summary>Bytes of kept outcomes in memory at once.</summary>
    /// <value>1 MiB to 1 GiB, default 32 MiB. Beyond it the oldest goes.</value>
    public long MostBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Deadline of one question to Redis; after it the gateway's own memory serves.</summary>
    /// <value>5 ms to 1 s, default 50 ms.</value>
    public TimeSpan RedisDeadline { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How often a waiting re-send looks into Redis.</summary>
    /// <value>5 ms to 1 s, default 20 ms.</value>
    public TimeSpan RedisPoll { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>All faults at once, each with setting, value and remedy.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        OptionRange.Check(faults, "shieldWindow", Window, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        OptionRange.Check(faults, "shieldLongestWait", LongestWait, TimeSpan.Zero, TimeSpan.FromSeconds(55));
        OptionRange.Check(faults, "shieldSettle", Settle, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        OptionRange.Check(faults, "shieldLongestFlight", LongestFlight, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        OptionRange.Check(faults, "shieldLongestDelivery", LongestDelivery, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        OptionRange.Check(faults, "shieldRedisDeadline", RedisDeadline, TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1));
        OptionRange.Check(faults, "shieldRedisPoll", RedisPoll, TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1));
        OptionRange.Check(faults, "shieldLargestRequest", LargestRequest, 1024, Forwarding.Http1.RequestBody.LargestKept);
        OptionRange.Check(faults, "shieldLargestAnswer", LargestAnswer, 1024, 1 << 20);
        OptionRange.Check(faults, "shieldMostEntries", MostEntries, 100, 1_000_000);
        OptionRange.Check(faults, "shieldMostBytes", MostBytes, 1 << 20, 1 << 30);
        OptionRange.CheckShorter(faults, "shieldLongestWait", LongestWait, "shieldLongestFlight", LongestFlight);
        return faults;
    }
}
