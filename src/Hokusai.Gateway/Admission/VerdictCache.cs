using System.Collections.Concurrent;

namespace Hokusai.Gateway.Admission;

/// <summary>A good verdict and how long it may be used.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="AskedAt">When the question was asked: what changed later it does not know.</param>
/// <param name="RefreshAt">From when on it is confirmed beside its use.</param>
/// <param name="FreshUntil">Until when it is used as it is.</param>
/// <param name="ReadsUntil">Until when reads go by it while the auth service is away.</param>
/// <param name="WritesUntil">Until when everything else does.</param>
internal sealed record KnownVerdict(KeyVerdict Verdict, DateTimeOffset AskedAt, DateTimeOffset RefreshAt, DateTimeOffset FreshUntil, DateTimeOffset ReadsUntil, DateTimeOffset WritesUntil)
{
    private long _askAgainAt;
    private int _told;

    /// <summary>Whether nobody tried in vain to confirm it just now.</summary>
    public bool MayAsk(DateTimeOffset now) => now.UtcTicks >= Volatile.Read(ref _askAgainAt);

    /// <summary>It could not be confirmed: not each request need try again.</summary>
    public void AskAgainAt(DateTimeOffset then) => Volatile.Write(ref _askAgainAt, then.UtcTicks);

    /// <summary>Whether this is the first time that it is used though outlived.</summary>
    public bool TellsFirst() => Interlocked.Exchange(ref _told, 1) == 0;

    public DateTimeOffset UsableUntil(bool writes) => writes ? WritesUntil : ReadsUntil;
}

/// <summary>
/// The verdicts that are remembered. Good keys and refusals lie apart, each bounded by itself: a flood of invented keys pushes out other
/// invented keys, never a good one.
/// </summary>
internal sealed class VerdictCache(int mostGood, int mostRefused)
{
    // So that a full store is not looked through for each new key.
    private const int EvictedShare = 10;

    private readonly ConcurrentDictionary<KeyFingerprint, KnownVerdict> _good = new();
    private readonly ConcurrentDictionary<KeyFingerprint, Refusal> _refused = new();
    private readonly Queue<Refusal> _order = new();
    private readonly Lock _writing = new();

    public int Good => _good.Count;

    public int Refused => _refused.Count;

    public KnownVerdict? Find(KeyFingerprint key) => _good.GetValueOrDefault(key);

    public KeyVerdict? FindRefusal(KeyFingerprint key, DateTimeOffset now) => _refused.TryGetValue(key, out var refusal) && refusal.Until > now ? refusal.Verdict : null;

    public void Remember(KeyFingerprint key, KnownVerdict known)
    {
        lock (_writing)
        {
            if (_good.Count >= mostGood && !_good.ContainsKey(key)) EvictOldest();
            _good[key] = known;
            _refused.TryRemove(key, out _);
        }
    }

    /// <summary>A refused key is no good one any more, whatever comes.</summary>
    public void Refuse(KeyFingerprint key, KeyVerdict verdict, DateTimeOffset now, DateTimeOffset until)
    {
        var refusal = new Refusal(key, verdict, until);
        lock (_writing)
        {
            _good.TryRemove(key, out _);
            _refused[key] = refusal;
            _order.Enqueue(refusal);
            DropRefusals(now);
        }
    }

    /// <summary>Forgets some keys by their ids; everything with null.</summary>
    public void Forget(IReadOnlyList<string>? keyIds)
    {
        lock (_writing)
        {
            foreach (var (key, known) in _good)
            {
                if (keyIds is null || keyIds.Contains(known.Verdict.Key!.KeyId)) _good.TryRemove(key, out _);
            }
            if (keyIds is not null) return;
            _refused.Clear();
            _order.Clear();
        }
    }

    /// <summary>Drops what is of no use any more.</summary>
    public void Sweep(DateTimeOffset now)
    {
        lock (_writing)
        {
            DropRefusals(now);
            foreach (var (key, known) in _good)
            {
                if (known.FreshUntil <= now && known.ReadsUntil <= now && known.WritesUntil <= now) _good.TryRemove(key, out _);
            }
        }
    }

    // All refusals live equally long, so the oldest are the first to end. One that was renewed stands in the queue twice.
    private void DropRefusals(DateTimeOffset now)
    {
        while (_order.TryPeek(out var oldest) && (oldest.Until <= now || _order.Count > mostRefused))
        {
            _order.Dequeue();
            _refused.TryRemove(KeyValuePair.Create(oldest.Key, oldest));
        }
    }

    private void EvictOldest()
    {
        foreach (var (key, _) in _good.OrderBy(entry => entry.Value.AskedAt).Take(Math.Max(1, mostGood / EvictedShare)).ToList()) _good.TryRemove(key, out _);
    }

    private sealed record Refusal(KeyFingerprint Key, KeyVerdict Verdict, DateTimeOffset Until);
}
