namespace Hokusai.Gateway.Resilience;

/// <summary>How often, after which waits and within which limits a request is sent again.</summary>
public sealed record RetryOptions
{
    /// <summary>Retries of one request after its first attempt.</summary>
    /// <value>0 to 5, default 2. MLflow's client retries too, up to seven times, so each one here counts eightfold.</value>
    public int MostRetries { get; init; } = 2;

    /// <summary>The longest wait before the first retry; it doubles with each. The wait itself is drawn between zero and it.</summary>
    /// <value>1 ms to 10 s, default 50 ms.</value>
    public TimeSpan BaseWait { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>What the longest wait grows to at most.</summary>
    /// <value>At least <see cref="BaseWait"/>, at most 30 s, default 1 s.</value>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Retries under way at once, as a share of the active requests.</summary>
    /// <value>0 to 1, default 0.2.</value>
    public double RetryingShare { get; init; } = 0.2;

    /// <summary>Retries that may be under way at once however few requests are active.</summary>
    /// <value>0 to 1,000, default 3.</value>
    public int LeastRetrying { get; init; } = 3;

    /// <summary>All faults at once, each with setting, value and remedy.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        OptionRange.Check(faults, "mostRetries", MostRetries, 0, 5);
        OptionRange.Check(faults, "retryBaseWait", BaseWait, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(10));
        OptionRange.Check(faults, "retryLongestWait", LongestWait, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(30));
        OptionRange.CheckNotLonger(faults, "retryBaseWait", BaseWait, "retryLongestWait", LongestWait);
        OptionRange.Check(faults, "retryingShare", RetryingShare, 0, 1);
        OptionRange.Check(faults, "leastRetrying", LeastRetrying, 0, 1000);
        return faults;
    }
}
