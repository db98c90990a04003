namespace Hokusai.Gateway.Resilience;

/// <summary>How long to wait before a retry.</summary>
internal static class Backoff
{
    /// <summary>Exponential with full jitter, which spreads the retries of many that failed together; never shorter than the upstream asked for.</summary>
    /// <param name="options">Base and cap.</param>
    /// <param name="retry">Which retry it is, from 1.</param>
    /// <param name="asked">The upstream's <c>Retry-After</c>, if it sent one.</param>
    /// <param name="left">What is left of the total deadline. <see cref="RetryPlan"/> refuses a retry for which it is too short.</param>
    /// <param name="random">A number from 0 to below 1.</param>
    public static TimeSpan Wait(RetryOptions options, int retry, TimeSpan? asked, TimeSpan left, double random)
    {
        var ceiling = Math.Min(options.BaseWait.TotalMilliseconds * Math.Pow(2, Math.Max(0, retry - 1)), options.LongestWait.TotalMilliseconds);
        var wait = TimeSpan.FromMilliseconds(ceiling * random);
        if (asked > wait) wait = asked.Value;
        return wait < left ? wait : left;
    }
}
