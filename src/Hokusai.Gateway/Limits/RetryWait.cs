namespace Hokusai.Gateway.Limits;

/// <summary>The number in <c>Retry-After</c>.</summary>
internal static class RetryWait
{
    private static readonly TimeSpan LeastSpread = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostSpread = TimeSpan.FromMinutes(1);

    /// <summary>Whole seconds, never less than the wait, and a little more by chance, so that those who were refused together don't come back together.</summary>
    /// <param name="wait">The wait.</param>
    /// <param name="chance">0 to 1.</param>
    public static int Seconds(TimeSpan wait, double chance)
    {
        var spread = TimeSpan.FromTicks(Math.Clamp(wait.Ticks / 10, LeastSpread.Ticks, MostSpread.Ticks));
        return Math.Max(1, (int)Math.Ceiling((wait + (spread * chance)).TotalSeconds));
    }
}
