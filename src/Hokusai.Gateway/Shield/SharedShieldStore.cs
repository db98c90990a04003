using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Hokusai.Gateway.Shield;

/// <summary>
/// Redis while it answers, this gateway's memory while it does not.
/// </summary>
/// <remarks>
/// 1. What this gateway has in flight is in its memory too, so that its own re-sends are still recognised when Redis goes.
/// 2. The first failure, or a lost connection, switches to memory; that is logged once. Nobody else waits for Redis until it is tried again.
/// 3. Once a second one caller tries it. If it answers, it is told what this gateway knows - it may have lost everything - before anyone
///    asks it: what is owed moves there, what ended meanwhile is removed there.
/// What can't be had: while Redis is away, a re-send that reaches another gateway than the first did is sent. And what Redis did after
/// the deadline had passed here is not known here: a claim is free again only after <see cref="ShieldOptions.LongestDelivery"/>, an owed
/// outcome stands in both places until one of them gives it out, and then once more in the other.
/// </remarks>
internal sealed class SharedShieldStore : IShieldStore, IAsyncDisposable
{
    private const int MostDebts = 10_000;

    private static readonly TimeSpan TryEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<(Fingerprint Fingerprint, string Id)> _debts = new();
    private readonly Lock _lock = new();
    private readonly RedisShieldStore _redis;
    private readonly MemoryShieldStore _memory;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile bool _away;
    private volatile RedisLoss? _lastLoss;
    private DateTimeOffset _tryAgain;
    private Task? _returning;

    public SharedShieldStore(RedisShieldStore redis, MemoryShieldStore memory, TimeProvider time, ILogger logger)
    {
        (_redis, _memory, _time, _logger) = (redis, memory, time, logger);
        redis.OnLost(WentAway);
    }

    /// <summary>Whether this gateway is on its own.</summary>
    public bool IsAway => _away;

    public bool IsConnected => _redis.IsConnected;

    /// <summary>Where Redis is, without credentials.</summary>
    public IReadOnlyList<string> Endpoints => _redis.Endpoints;

    /// <summary>When and why Redis was last left alone.</summary>
    public RedisLoss? LastLoss => _lastLoss;

    public TimeSpan? PollEvery => _redis.PollEvery;

    public async ValueTask<EntryAnswer> EnterAsync(Fingerprint fingerprint, string id, bool mayHold, TaskCompletionSource changed)
    {
        if (await IsReachableAsync())
        {
            try
            {
                var answer = await _redis.EnterAsync(fingerprint, id, mayHold, changed);
                // 1.
                if (answer.Verdict == EntryVerdict.Send) await _memory.PutAsync(fingerprint, id, EntryState.Flying);
                return answer;
            }
            catch (Exception e) when (IsRedisAway(e))
            {
                WentAway(e.Message);
            }
        }
        return await _memory.EnterAsync(fingerprint, id, mayHold, changed);
    }

    public async ValueTask PutAsync(Fingerprint fingerprint, string id, EntryState state, ShieldedOutcome? outcome = null)
    {
        // In memory first: whatever happens to Redis meanwhile, it is known somewhere.
        await _memory.PutAsync(fingerprint, id, state, outcome);
        if (_away) return;
        try
        {
            await _redis.PutAsync(fingerprint, id, state, outcome);
            // Redis gives it out from now on; what stood here too would be given out twice.
            if (outcome is not null) await _memory.RemoveAsync(fingerprint, id);
        }
        catch (Exception e) when (IsRedisAway(e))
        {
            WentAway(e.Message);
        }
    }

    public async ValueTask RemoveAsync(Fingerprint fingerprint, string id)
    {
        await _memory.RemoveAsync(fingerprint, id);
        try
        {
            if (!_away)
            {
                await _redis.RemoveAsync(fingerprint, id);
                return;
            }
        }
        catch (Exception e) when (IsRedisAway(e))
        {
            WentAway(e.Message);
        }
        // Left in Redis, a delivered outcome would come to be owed again.
        if (_debts.Count < MostDebts) _debts.Enqueue((fingerprint, id));
    }

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private void WentAway(string reason)
    {
        lock (_lock)
        {
            if (_away) return;
            _away = true;
            _lastLoss = new RedisLoss(_time.GetUtcNow(), reason);
            _tryAgain = _time.GetUtcNow() + TryEvery;
        }
        // 2.
        Log.ShieldAlone(_logger, reason);
    }

    private async ValueTask<bool> IsReachableAsync()
    {
        Task? returning;
        lock (_lock)
        {
            if (_away && _returning is null && _time.GetUtcNow() >= _tryAgain)
            {
                _tryAgain = _time.GetUtcNow() + TryEvery;
                _returning = ReturnAsync();
            }
            returning = _returning;
        }
        if (returning is not null) await returning;
        return !_away;
    }

    // 3. Never fails: a Redis that is still away is no news.
    private async Task ReturnAsync()
    {
        await Task.Yield();
        try
        {
            await _redis.PingAsync();
            // From here on news goes to Redis; what came before is told now, while those who ask wait for the end of this.
            _away = false;
            while (_debts.TryPeek(out var debt))
            {
                await _redis.RemoveAsync(debt.Fingerprint, debt.Id);
                _debts.TryDequeue(out _);
            }
            // What fails goes back to memory by itself.
            foreach (var entry in _memory.HandOver()) await PutAsync(entry.Fingerprint, entry.Id, entry.State, entry.Outcome);
            if (!_away) Log.ShieldShared(_logger);
        }
        catch (Exception e) when (IsRedisAway(e))
        {
            _away = true;
        }
        finally
        {
            lock (_lock) _returning = null;
        }
    }

    // A lost entry of another gateway's form counts too: better to be alone than to fail creates.
    private static bool IsRedisAway(Exception e) => e is RedisException or TimeoutException or ObjectDisposedException or FormatException;
}

/// <summary>When and why Redis was left alone.</summary>
internal sealed record RedisLoss(DateTimeOffset At, string Reason);
