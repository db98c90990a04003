namespace Hokusai.Edge.Balancing;

/// <summary>Targets take turns; one in its slow start lets most of its turns pass to the next.</summary>
/// <remarks>Source: AWS, "Edit target group attributes for your Application Load Balancer", slow start mode.</remarks>
internal sealed class RoundRobin(TimeSpan slowStart, TimeProvider time, Random random)
{
    // What one in its slow start gets in its first moment; AWS says only that the share grows linearly.
    private const double LeastShare = 0.01;

    private uint _turn;

    /// <summary>Chooses one of several targets.</summary>
    public Target Choose(Target[] targets)
    {
        var turn = Interlocked.Increment(ref _turn) - 1;
        for (uint i = 0; i < targets.Length; i++)
        {
            var target = targets[(turn + i) % targets.Length];
            if (target.SlowSince is not { } since || Share(since) is var share && (share >= 1 || random.NextDouble() < share)) return target;
        }
        return targets[turn % targets.Length];
    }

    /// <summary>The part of its full share that a target in slow start gets.</summary>
    public double Share(long since) => Math.Clamp(time.GetElapsedTime(since) / slowStart, LeastShare, 1);
}
