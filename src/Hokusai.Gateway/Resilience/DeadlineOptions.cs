namespace Hokusai.Gateway.Resilience;

/// <summary>The deadlines of a metadata request, each shorter than the one around it, so that the innermost that ends says what was slow.</summary>
public sealed record DeadlineOptions
{
    /// <summary>For one attempt, up to the first byte of the answer.</summary>
    /// <value>200 ms to 5 min, default 15 s.</value>
    public TimeSpan Attempt { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>For the request with all its attempts and waits.</summary>
    /// <value>Room for two attempts, at most 10 min, default 30 s.</value>
    public TimeSpan Total { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The idle timeout of the load balancer in front, after which it answers 504 in the gateway's place.</summary>
    /// <value>1 s to 4,000 s, default 60 s, which is AWS's.</value>
    public TimeSpan LoadBalancerIdle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>All faults at once, each with setting, value and remedy.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        OptionRange.Check(faults, "attemptDeadline", Attempt, TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(5));
        OptionRange.Check(faults, "totalDeadline", Total, TimeSpan.FromMilliseconds(400), TimeSpan.FromMinutes(10));
        OptionRange.Check(faults, "loadBalancerIdle", LoadBalancerIdle, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4000));
        // Not attempt x (retries + 1): the total deadline cuts the later attempts. Without room for two, a retry after a slow attempt could never be.
        if (Attempt > Total / 2) faults.Add($"gateway attemptDeadline {OptionRange.Text(Attempt)} and totalDeadline {OptionRange.Text(Total)}: the second must have room for two attempts");
        if (Total >= LoadBalancerIdle) faults.Add($"gateway totalDeadline {OptionRange.Text(Total)} and loadBalancerIdle {OptionRange.Text(LoadBalancerIdle)}: the first must be the shorter one, or the load balancer answers in the gateway's place");
        return faults;
    }
}
