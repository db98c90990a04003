namespace Hokusai.Gateway.Resilience;

/// <summary>When a circuit breaker opens, and for how long.</summary>
public sealed record CircuitBreakerOptions
{
    /// <summary>The share of failed calls at which it opens.</summary>
    /// <value>0.05 to 1, default 0.5.</value>
    public double FailureRatio { get; init; } = 0.5;

    /// <summary>The sliding time over which calls are counted, in ten steps.</summary>
    /// <value>1 s to 10 min, default 10 s.</value>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Fewer calls than this in the window never open it: one failure of two says little.</summary>
    /// <value>Calls, 2 to 100,000, default 8.</value>
    public int LeastCalls { get; init; } = 8;

    /// <summary>How long it stays open at first. Each failed probe doubles it.</summary>
    /// <value>100 ms to 5 min, default 2 s.</value>
    public TimeSpan OpenFor { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long it stays open at most.</summary>
    /// <value>At least <see cref="OpenFor"/>, at most 1 h, default 30 s.</value>
    public TimeSpan LongestOpen { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a probe that never says how it ended keeps others out.</summary>
    /// <value>1 s to 10 min, default 30 s: the total deadline of a request.</value>
    public TimeSpan ProbeDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>All faults at once, each with setting, value and remedy.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        OptionRange.Check(faults, "breakerFailureRatio", FailureRatio, 0.05, 1);
        OptionRange.Check(faults, "breakerLeastCalls", LeastCalls, 2, 100_000);
        OptionRange.Check(faults, "breakerWindow", Window, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        OptionRange.Check(faults, "breakerOpenFor", OpenFor, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        OptionRange.Check(faults, "breakerLongestOpen", LongestOpen, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        OptionRange.Check(faults, "breakerProbeDeadline", ProbeDeadline, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        OptionRange.CheckNotLonger(faults, "breakerOpenFor", OpenFor, "breakerLongestOpen", LongestOpen);
        return faults;
    }
}
