using System.Collections.Concurrent;
using Hokusai.Contracts.Keys;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Admission;

/// <summary>
/// Verdicts on keys, remembered for a while. One question a key is under way at a time; revocations take effect as they
/// are pushed; while the auth service is away, keys that were good lately go on for a bounded time.
/// </summary>
internal sealed class KeyVerdicts(Func<ApiKey, string, Task<KeyVerdict>> ask, GatewayOptions options, TimeProvider time, ILogger logger)
{
    // A flood of invented keys must not grow memory: refusals beyond this are not remembered.
    private const int MostEntries = 50_000;

    private readonly ConcurrentDictionary<KeyFingerprint, Entry> _entries = new();
    private readonly ConcurrentDictionary<KeyFingerprint, Lazy<Task<KeyVerdict>>> _flights = new();
    private long _forgotten;

    /// <summary>The verdict on a key, and where it came from: <c>cached</c>, <c>fresh</c> or <c>stale</c>.</summary>
    public ValueTask<(KeyVerdict Verdict, string Source)> GetAsync(ApiKey key, KeyFingerprint fingerprint, string clientIp) =>
        _entries.TryGetValue(fingerprint, out var entry) && entry.FreshUntil > time.GetUtcNow()
            ? new ValueTask<(KeyVerdict, string)>((entry.Verdict, "cached"))
            : new ValueTask<(KeyVerdict, string)>(AskAsync(key, fingerprint, clientIp));

    /// <summary>Whether a key can be judged without the auth service: by a fresh verdict, or by a good one that may still stand in.</summary>
    public bool Remembers(KeyFingerprint fingerprint) =>
        _entries.TryGetValue(fingerprint, out var entry) && (entry.Verdict.Key is null ? entry.FreshUntil : entry.UsableUntil) > time.GetUtcNow();

    /// <summary>Forgets what is known of some keys; of all with null. Answers under way to questions asked before are not remembered either.</summary>
    public void Forget(IReadOnlyList<string>? keyIds)
    {
        Interlocked.Increment(ref _forgotten);
        foreach (var (fingerprint, entry) in _entries)
        {
            if (keyIds is null || (entry.Verdict.Key is { } key && keyIds.Contains(key.KeyId))) _entries.TryRemove(fingerprint, out _);
        }
        // A question that was asked before the change may bring the old answer; whoever comes now asks anew.
        _flights.Clear();
    }

    private async Task<(KeyVerdict, string)> AskAsync(ApiKey key, KeyFingerprint fingerprint, string clientIp)
    {
        var flight = _flights.GetOrAdd(fingerprint, _ => new Lazy<Task<KeyVerdict>>(() => FlyAsync(key, fingerprint, clientIp)));
        var verdict = await flight.Value;
        if (verdict.IsUnavailable && _entries.TryGetValue(fingerprint, out var known) && known.Verdict.Key is not null && known.UsableUntil > time.GetUtcNow())
        {
            Log.StaleVerdict(logger, known.Verdict.Key.KeyId, verdict.Detail ?? "");
            return (known.Verdict, "stale");
        }
        return (verdict, "fresh");
    }

    private async Task<KeyVerdict> FlyAsync(ApiKey key, KeyFingerprint fingerprint, string clientIp)
    {
        var before = Interlocked.Read(ref _forgotten);
        try
        {
            var verdict = await ask(key, clientIp);
            if (!verdict.IsUnavailable && before == Interlocked.Read(ref _forgotten)) Remember(fingerprint, verdict);
            return verdict;
        }
        finally
        {
            _flights.TryRemove(fingerprint, out _);
        }
    }

    private void Remember(KeyFingerprint fingerprint, KeyVerdict verdict)
    {
        if (_entries.Count >= MostEntries) RemoveExpired();
        if (_entries.Count >= MostEntries && verdict.Key is null) return;
        var now = time.GetUtcNow();
        var fresh = now + (verdict.Key is null ? options.RefusalLifetime : options.VerdictLifetime);
        var usable = verdict.Key is null ? fresh : fresh + options.StaleVerdictLifetime;
        // A key's own end comes before any remembered verdict's.
        if (verdict.Key?.ExpiresAt is { } end) (fresh, usable) = (Earlier(fresh, end), Earlier(usable, end));
        _entries[fingerprint] = new Entry(verdict, fresh, usable);
    }

    private void RemoveExpired()
    {
        var now = time.GetUtcNow();
        foreach (var (fingerprint, entry) in _entries)
        {
            if (entry.UsableUntil <= now || entry.Verdict.Key is null) _entries.TryRemove(fingerprint, out _);
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private sealed record Entry(KeyVerdict Verdict, DateTimeOffset FreshUntil, DateTimeOffset UsableUntil);
}
