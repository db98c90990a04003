using Hokusai.Gateway.Shield;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Hokusai.Gateway.Limits;

/// <summary>
/// Redis as limits ask it. The first question without an answer, or a lost connection, is the last one for a second: everybody decides by what
/// this gateway knows, and then one question tries again.
/// </summary>
internal sealed class LimitRedis
{
    // Whole scripts travel, not their hashes: a Redis that was restarted knows no hashes.
    private const CommandFlags Flags = CommandFlags.NoScriptCache;

    private static readonly TimeSpan TryEvery = TimeSpan.FromSeconds(1);

    private readonly IConnectionMultiplexer _redis;
    private readonly IDatabase _database;
    private readonly TimeSpan _deadline;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private volatile bool _away;
    private volatile RedisLoss? _lastLoss;
    private volatile int _losses;
    private long _tryAgain;

    /// <param name="redis">The connection; whoever made it closes it.</param>
    /// <param name="deadline">How long a question may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to say that limits are not shared.</param>
    public LimitRedis(IConnectionMultiplexer redis, TimeSpan deadline, TimeProvider time, ILogger logger)
    {
        (_redis, _database, _deadline, _time, _logger) = (redis, redis.GetDatabase(), deadline, time, logger);
        redis.ConnectionFailed += (_, e) =>
        {
            if (e.ConnectionType == ConnectionType.Interactive && e.FailureType != ConnectionFailureType.ConnectionDisposed) WentAway(e.FailureType.ToString());
        };
    }

    /// <summary>Whether this gateway limits on its own.</summary>
    public bool IsAway => _away || !_redis.IsConnected;

    /// <summary>When and why Redis was last left alone.</summary>
    public RedisLoss? LastLoss => _lastLoss;

    /// <summary>How often it was lost: what it knew before may have gone with it.</summary>
    public int Losses => _losses;

    /// <summary>Told of each decision that was made without Redis.</summary>
    public Action? FellBack { get; init; }

    /// <summary>Runs a script that answers two numbers.</summary>
    /// <returns>Null if Redis is away.</returns>
    public async ValueTask<(long First, long Second)?> AskAsync(string script, string key, RedisValue[] arguments)
    {
        if (!_away || IsTurn())
        {
            try
            {
                var answer = (RedisResult[])(await _database.ScriptEvaluateAsync(script, [key], arguments, Flags).WaitAsync(_deadline, _time))!;
                CameBack();
                return ((long)answer[0], (long)answer[1]);
            }
            catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
            {
                WentAway(e.Message);
            }
        }
        FellBack?.Invoke();
        return null;
    }

    /// <summary>Tries Redis again if it is away: where there is no traffic nobody else does.</summary>
    /// <returns>Whether it answers.</returns>
    public async ValueTask<bool> ProbeAsync()
    {
        if (!IsAway) return true;
        try
        {
            await _database.PingAsync().WaitAsync(_deadline, _time);
            CameBack();
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            WentAway(e.Message);
        }
        return !IsAway;
    }

    private bool IsTurn()
    {
        var at = Interlocked.Read(ref _tryAgain);
        var now = _time.GetTimestamp();
        return now >= at && Interlocked.CompareExchange(ref _tryAgain, now + Second(), at) == at;
    }

    private void WentAway(string reason)
    {
        lock (_lock)
        {
            Interlocked.Exchange(ref _tryAgain, _time.GetTimestamp() + Second());
            if (_away) return;
            _losses++;
            _lastLoss = new RedisLoss(_time.GetUtcNow(), reason);
            _away = true;
        }
        Log.LimitsAlone(_logger, reason);
    }

    private void CameBack()
    {
        if (!_away) return;
        lock (_lock)
        {
            if (!_away) return;
            _away = false;
        }
        Log.LimitsShared(_logger);
    }

    private long Second() => (long)(TryEvery.TotalSeconds * _time.TimestampFrequency);
}
