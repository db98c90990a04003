namespace Hokusai.Gateway.Limits;

/// <summary>What readiness says of limits. One whose Redis is gone still limits, by itself: that alone is no reason to serve nobody, unless a setting says so.</summary>
internal sealed class LimitReadiness(LimitRedis? redis, LimitOptions options)
{
    /// <summary>Whether the gateway may count as ready, and how its limits are.</summary>
    public async ValueTask<(bool Ready, string Detail)> ReadAsync()
    {
        if (redis is null) return (true, "own");
        return await redis.ProbeAsync() ? (true, "shared") : (!options.NeedRedis, "degraded: Redis is away, this gateway limits on its own");
    }
}
