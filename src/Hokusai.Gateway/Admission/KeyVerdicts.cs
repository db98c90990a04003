using Hokusai.Contracts.Keys;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Admission;

/// <summary>
/// Verdicts on keys, remembered for a while. Whose key was good goes on without a wait as long as that is known to hold: a verdict is
/// confirmed beside its use before it ends, a change is pushed, and while the auth service is away the last verdict serves for a bounded
/// time, by a policy for reads and one for everything else. Who was never seen, or was refused last, waits for the auth service.
/// </summary>
/// <remarks>
/// 1. Remembered and fresh: used. In the last fifth of its life it is confirmed in the background.
/// 2. Remembered, but outlived, or nobody knows whether it changed (<see cref="Doubt"/>): asked again. An auth service that is well answers
///    within <see cref="ShortWait"/>; after that, and at once while it is known to be away, the old verdict serves if its policy lets it.
/// 3. Not remembered: asked, among a bounded number of such questions.
/// </remarks>
internal sealed class KeyVerdicts : IDisposable
{
    /// <summary>How long a request whose old verdict would do waits for a new one.</summary>
    private static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(250);

    /// <summary>How old a verdict may be while nobody knows what changed.</summary>
    private static readonly TimeSpan DoubtfulAge = TimeSpan.FromSeconds(1);

    /// <summary>How long a verdict that could not be confirmed is left alone.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(5);

    private readonly Func<ApiKey, string, Task<KeyVerdict>> _ask;
    private readonly GatewayOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly VerdictCache _cache;
    private readonly AuthQuestions _questions;
    private readonly ITimer _sweep;
    private long _changes;
    private volatile bool _doubted;
    private volatile bool _away;

    public KeyVerdicts(Func<ApiKey, string, Task<KeyVerdict>> ask, GatewayOptions options, TimeProvider time, ILogger logger)
    {
        (_ask, _options, _time, _logger) = (ask, options, time, logger);
        _cache = new VerdictCache(options.Verdicts.MostVerdicts, options.Verdicts.MostRefusals);
        _questions = new AuthQuestions(AskAndRememberAsync, options.Verdicts.MostQuestions, options.AuthDeadline);
        _sweep = time.CreateTimer(_ => _cache.Sweep(time.GetUtcNow()), null, SweepEvery, SweepEvery);
    }

    /// <summary>Good keys and refusals that are remembered.</summary>
    public (int Good, int Refused) Remembered => (_cache.Good, _cache.Refused);

    /// <summary>Questions asked or waiting for their turn.</summary>
    public int UnderWay => _questions.UnderWay;

    /// <summary>Called for each question that found no place among those under way.</summary>
    public Action QuestionTurnedAway
    {
        set => _questions.TurnedAway = value;
    }

    /// <summary>Whether it is known which keys change, as far as the auth service tells that at all.</summary>
    public bool IsTrusted => !_doubted;

    /// <summary>The verdict on a key, and where it came from: <c>cached</c>, <c>fresh</c> or <c>stale</c>.</summary>
    public ValueTask<(KeyVerdict Verdict, string Source)> GetAsync(ApiKey key, KeyFingerprint fingerprint, string clientIp, bool writes)
    {
        var now = _time.GetUtcNow();
        if (_cache.Find(fingerprint) is not { } known)
        {
            return _cache.FindRefusal(fingerprint, now) is { } refusal
                ? new ValueTask<(KeyVerdict, string)>((refusal, "cached"))
                : new ValueTask<(KeyVerdict, string)>(AskAsync(key, fingerprint, clientIp));
        }
        if (!IsFresh(known, now)) return new ValueTask<(KeyVerdict, string)>(ConfirmAsync(known, key, fingerprint, clientIp, writes, now));
        if (now >= known.RefreshAt && known.MayAsk(now)) _ = _questions.AskAsync(key, fingerprint, clientIp, isKnown: true);
        return new ValueTask<(KeyVerdict, string)>((known.Verdict, "cached"));
    }

    /// <summary>Whether a key can be judged without the auth service: by a fresh verdict, or by a good one that may still stand in.</summary>
    public bool Remembers(KeyFingerprint fingerprint)
    {
        var now = _time.GetUtcNow();
        return _cache.Find(fingerprint) is { } known ? now < known.FreshUntil || now < known.UsableUntil(writes: false) : _cache.FindRefusal(fingerprint, now) is not null;
    }

    /// <summary>Forgets what is known of some keys; of all with null. Answers under way to questions asked before are not remembered either.</summary>
    public void Forget(IReadOnlyList<string>? keyIds)
    {
        Interlocked.Increment(ref _changes);
        _cache.Forget(keyIds);
        _questions.PartFromRunning();
    }

    /// <summary>Nobody knows which keys change: until <see cref="Trust"/> no verdict counts as fresh for longer than a second.</summary>
    public void Doubt() => _doubted = true;

    /// <summary>Changes are told again, and none was missed.</summary>
    public void Trust() => _doubted = false;

    public void Dispose()
    {
        _sweep.Dispose();
        _questions.Dispose();
    }

    private bool IsFresh(KnownVerdict known, DateTimeOffset now) => now < known.FreshUntil && (!_doubted || now - known.AskedAt < DoubtfulAge);

    private async Task<(KeyVerdict, string)> AskAsync(ApiKey key, KeyFingerprint fingerprint, string clientIp) => (await _questions.AskAsync(key, fingerprint, clientIp, isKnown: false), "fresh");

    private async Task<(KeyVerdict, string)> ConfirmAsync(KnownVerdict known, ApiKey key, KeyFingerprint fingerprint, string clientIp, bool writes, DateTimeOffset now)
    {
        var serves = now < known.UsableUntil(writes);
        if (serves && !known.MayAsk(now)) return Stale(known);
        var question = _questions.AskAsync(key, fingerprint, clientIp, isKnown: true);
        if (!serves) return (await question, "fresh");
        // While the auth service is known to be away, whoever waited would wait in vain.
        var verdict = _away && !question.IsCompleted ? null : await ShortlyAsync(question);
        return verdict is null || verdict.IsUnavailable ? Stale(known, verdict?.Detail) : (verdict, "fresh");
    }

    private async Task<KeyVerdict?> ShortlyAsync(Task<KeyVerdict> question)
    {
        try
        {
            return await question.WaitAsync(ShortWait, _time);
        }
        catch (TimeoutException)
        {
            _away = true;
            return null;
        }
    }

    private (KeyVerdict, string) Stale(KnownVerdict known, string? reason = null)
    {
        if (known.TellsFirst()) Log.StaleVerdict(_logger, known.Verdict.Key!.KeyId, reason ?? "no answer yet");
        return (known.Verdict, "stale");
    }

    private async Task<KeyVerdict> AskAndRememberAsync(ApiKey key, KeyFingerprint fingerprint, string clientIp)
    {
        var (before, askedAt) = (Interlocked.Read(ref _changes), _time.GetUtcNow());
        var verdict = await _ask(key, clientIp);
        _away = verdict.IsUnavailable;
        if (verdict.IsUnavailable) _cache.Find(fingerprint)?.AskAgainAt(_time.GetUtcNow() + AskAgain);
        else if (before == Interlocked.Read(ref _changes)) Remember(fingerprint, verdict, askedAt);
        return verdict;
    }

    private void Remember(KeyFingerprint fingerprint, KeyVerdict verdict, DateTimeOffset askedAt)
    {
        var now = _time.GetUtcNow();
        if (verdict.Key is not { } key)
        {
            _cache.Refuse(fingerprint, verdict, now, now + _options.RefusalLifetime);
            return;
        }
        // A key's own end comes before any remembered verdict's.
        var end = key.ExpiresAt ?? DateTimeOffset.MaxValue;
        var fresh = Earlier(now + _options.VerdictLifetime, end);
        _cache.Remember(fingerprint, new KnownVerdict(
            verdict,
            askedAt,
            now + _options.VerdictLifetime * 0.8,
            fresh,
            Earlier(fresh + StaleFor(_options.Verdicts.StaleReads, _options.Verdicts.StaleReadsLifetime), end),
            Earlier(fresh + StaleFor(_options.Verdicts.StaleWrites, _options.Verdicts.StaleWritesLifetime), end)));
    }

    private TimeSpan StaleFor(StaleVerdicts policy, TimeSpan lifetime)
    {
        if (policy == StaleVerdicts.Refuse) return TimeSpan.Zero;
        return lifetime < _options.StaleVerdictLifetime ? lifetime : _options.StaleVerdictLifetime;
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
