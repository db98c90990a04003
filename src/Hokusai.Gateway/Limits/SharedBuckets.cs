using System.Runtime.CompilerServices;

namespace Hokusai.Gateway.Limits;

/// <summary>
/// Buckets of one kind: in this gateway's memory, or in Redis for all gateways. What Redis answers is remembered here too, so that limits go on
/// from there when it is away; and a Redis that was away is told what is known here, so that one that came back empty gives no new burst.
/// </summary>
/// <param name="kind">A word in Redis' keys.</param>
/// <param name="own">This gateway's buckets.</param>
/// <param name="redis">Null for a gateway on its own.</param>
internal sealed class SharedBuckets(string kind, BucketTable own, LimitRedis? redis)
{
    private const int TicksPerMicrosecond = 10;

    /// <summary>Draws from the bucket of that name.</summary>
    public ValueTask<Allowance> DrawAsync(Draw draw, string name, RatePlan plan) => redis is null ? new(own.Draw(draw, name, plan)) : DrawSharedAsync(redis, draw, name, plan);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Allowance> DrawSharedAsync(LimitRedis shared, Draw draw, string name, RatePlan plan)
    {
        var bucket = own.Of(name, plan);
        var (asked, losses) = (own.Now, shared.Losses);
        // Only after a loss: told each time, it would grow by the way there with each question.
        var known = bucket.KnownAt == losses ? 0 : Math.Max(0, bucket.FullAt - asked);
        var interval = Microseconds(plan.Interval);
        // The plan is part of the name: one that changed begins anew here as it does in memory.
        var answer = await shared.AskAsync(RedisLimitScripts.Draw, $"hokusai:limit:{kind}:{{{name}}}:{interval}:{plan.Burst}", [interval, interval * plan.Burst, Microseconds(known), Word(draw)]);
        if (answer is not { } told) return own.Draw(draw, name, plan);
        var ahead = told.Second * TicksPerMicrosecond;
        if (draw != Draw.Look || known > 0) bucket.KnownAt = losses;
        bucket.Learn(asked + ahead);
        return (plan with { Interval = interval * TicksPerMicrosecond }).Read(told.First == 1, ahead);
    }

    private static long Microseconds(long ticks) => (ticks + TicksPerMicrosecond - 1) / TicksPerMicrosecond;

    private static string Word(Draw draw) => draw switch
    {
        Draw.Take => "take",
        Draw.Look => "look",
        _ => "charge",
    };
}
