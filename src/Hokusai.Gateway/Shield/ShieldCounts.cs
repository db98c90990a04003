namespace Hokusai.Gateway.Shield;

/// <summary>How often what happened, since the start: for metrics.</summary>
internal sealed class ShieldCounts
{
    private long _owed;
    private long _replayed;
    private long _stillOut;

    /// <summary>Outcomes that did not reach their client.</summary>
    public long Owed => Interlocked.Read(ref _owed);

    /// <summary>Creates that got the outcome of an earlier one.</summary>
    public long Replayed => Interlocked.Read(ref _replayed);

    /// <summary>Creates that waited in vain for an earlier one.</summary>
    public long StillOut => Interlocked.Read(ref _stillOut);

    public void CountOwed() => Interlocked.Increment(ref _owed);

    public void CountReplayed() => Interlocked.Increment(ref _replayed);

    public void CountStillOut() => Interlocked.Increment(ref _stillOut);
}
