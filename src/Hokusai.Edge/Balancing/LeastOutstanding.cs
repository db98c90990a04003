namespace Hokusai.Edge.Balancing;

/// <summary>The target with the fewest requests under way; among equals they take turns.</summary>
internal sealed class LeastOutstanding
{
    private uint _turn;

    /// <summary>Chooses one of several targets.</summary>
    public Target Choose(Target[] targets)
    {
        var turn = Interlocked.Increment(ref _turn) - 1;
        var best = targets[turn % targets.Length];
        var fewest = best.Outstanding;
        for (uint i = 1; i < targets.Length && fewest > 0; i++)
        {
            var target = targets[(turn + i) % targets.Length];
            if (target.Outstanding is var outstanding && outstanding < fewest) (best, fewest) = (target, outstanding);
        }
        return best;
    }
}
