namespace Hokusai.Gateway.Shield;

/// <summary>How often what happened, since the start: for metrics.</summary>
internal sealed class ShieldCounts
{
    private long _owed;
    private long _replayed;
    private long _stillOut;

    /// <summary>Told of each: <c>owed</c>, <c>replayed</c> or <c>still_out</c>.</summary>
    public Action<string>? Counted { get; set; }

    /// <summary>Outcomes that did not reach their client.</summary>
    public long Owed => Interlocked.Read(ref _owed);

    /// <summary>Creates that got the outcome of an earlier one.</summary>
    public long Replayed => Interlocked.Read(ref _replayed);

    /// <summary>Creates that waited in vain for an earlier one.</summary>
    public long StillOut => Interlocked.Read(ref _stillOut);

    public void CountOwed() => Count(ref _owed, "owed");

    public void CountReplayed() => Count(ref _replayed, "replayed");

    public void CountStillOut() => Count(ref _stillOut, "still_out");

    private void Count(ref long count, string word)
    {
        Interlocked.Increment(ref count);
        Counted?.Invoke(word);
    }
}
