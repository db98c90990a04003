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

    /// <summary>All faults at once, each with key, value and remedy.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        if (MostRetries is < 0 or > 5) faults.Add($"retries most {MostRetries}: must be 0 to 5");
        OptionRange.Check(faults, "retries base-wait", BaseWait, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(10));
        OptionRange.Check(faults, "retries longest-wait", LongestWait, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(30));
        if (LongestWait < BaseWait) faults.Add($"retries base-wait {BaseWait} and longest-wait {LongestWait}: the second must be at least the first");
        if (!(RetryingShare is >= 0 and <= 1)) faults.Add($"retries retrying-share {RetryingShare}: must be 0 to 1");
        if (LeastRetrying is < 0 or > 1000) faults.Add($"retries least-retrying {LeastRetrying}: must be 0 to 1000");
        return faults;
    }
}
