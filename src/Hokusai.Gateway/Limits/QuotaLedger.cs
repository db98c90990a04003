using System.Collections.Concurrent;
using System.Globalization;

namespace Hokusai.Gateway.Limits;

/// <summary>
/// How much of its quotas each key has used in the current day of UTC: in this gateway's memory, or in Redis for all gateways. The last known amount stands here
/// too; while Redis is away it goes on from there, and what was given out meanwhile is told when Redis is back.
/// </summary>
/// <remarks>
/// An answer that came after the deadline is not known here: what Redis gave then may be counted twice. And amounts that gateways without Redis know are gone
/// with their process.
/// </remarks>
internal sealed class QuotaLedger(LimitRedis? redis, int most, TimeProvider time)
{
    // Above every quota, and still exact in Redis' numbers.
    private const long NoQuota = 1L << 52;

    private readonly ConcurrentDictionary<(string KeyId, LimitKind Kind), Account> _accounts = new();

    /// <summary>The day of UTC, as a number.</summary>
    public int Today => (int)(time.GetUtcNow().UtcTicks / TimeSpan.TicksPerDay);

    /// <summary>When the day ends.</summary>
    public DateTimeOffset Midnight => new((Today + 1) * TimeSpan.TicksPerDay, TimeSpan.Zero);

    public TimeSpan UntilMidnight => Midnight - time.GetUtcNow();

    public int Count => _accounts.Count;

    /// <summary>Takes from what is left of today.</summary>
    /// <param name="keyId">Whose.</param>
    /// <param name="kind">Of what.</param>
    /// <param name="quota">How much there is a day.</param>
    /// <param name="want">How much is wanted.</param>
    /// <param name="least">Less than this is of no use.</param>
    /// <returns>How much was given, 0 or at least <paramref name="least"/>, and how much is used with it.</returns>
    public ValueTask<(long Given, long Used)> TakeAsync(string keyId, LimitKind kind, long quota, long want, long least)
    {
        var day = Today;
        var account = AccountOf(keyId, kind, day);
        return redis is null ? new(account.Take(day, Math.Min(quota, NoQuota), want, least, alone: false)) : TakeSharedAsync(redis, account, Name(keyId, kind, day), day, Math.Min(quota, NoQuota), want, least);
    }

    /// <summary>Gives back what was taken and not used.</summary>
    public async ValueTask ReturnAsync(string keyId, LimitKind kind, int day, long amount)
    {
        // Yesterday's is nobody's any more.
        if (amount <= 0 || day != Today) return;
        var account = AccountOf(keyId, kind, day);
        if (redis is null) account.Take(day, NoQuota, -amount, -amount, alone: false);
        else await TakeSharedAsync(redis, account, Name(keyId, kind, day), day, NoQuota, -amount, -amount);
    }

    private static async ValueTask<(long, long)> TakeSharedAsync(LimitRedis shared, Account account, string name, int day, long quota, long want, long least)
    {
        var losses = shared.Losses;
        var (known, alone) = account.BeginTelling(day, losses);
        var answer = await shared.AskAsync(RedisLimitScripts.Spend, name, [quota, want, least, known, alone]);
        if (answer is { } told) return account.Told(day, losses, alone, told.First, told.Second);
        account.NotTold(day, alone);
        return account.Take(day, quota, want, least, alone: true);
    }

    private static string Name(string keyId, LimitKind kind, int day) => string.Create(CultureInfo.InvariantCulture, $"hokusai:quota:{(kind == LimitKind.Bytes ? "bytes" : "runs")}:{{{keyId}}}:{day}");

    private Account AccountOf(string keyId, LimitKind kind, int day)
    {
        if (_accounts.TryGetValue((keyId, kind), out var account)) return account;
        if (_accounts.Count >= most)
        {
            foreach (var found in _accounts.Where(found => found.Value.Day < day)) _accounts.TryRemove(found);
        }
        return _accounts.GetOrAdd((keyId, kind), static _ => new Account());
    }

    /// <summary>One quota of one key.</summary>
    private sealed class Account
    {
        private readonly Lock _lock = new();
        private int _day;
        private long _used;
        // Of it, what was given out without Redis and Redis was not told yet.
        private long _alone;
        // What Redis is being told of that.
        private long _telling;
        private int _knownAt = -1;

        public int Day => Volatile.Read(ref _day);

        public (long Given, long Used) Take(int day, long quota, long want, long least, bool alone)
        {
            lock (_lock)
            {
                Turn(day);
                var given = Math.Min(want, quota - _used);
                if (given < least) given = 0;
                _used = Math.Max(0, _used + given);
                if (alone) _alone += given;
                return (given, _used);
            }
        }

        /// <summary>What Redis is to be told: what is known to be used, if it may have forgotten that, and what was given out without it.</summary>
        public (long Known, long Alone) BeginTelling(int day, int losses)
        {
            lock (_lock)
            {
                Turn(day);
                var alone = _alone;
                _alone = 0;
                _telling += alone;
                return (_knownAt == losses ? 0 : Math.Max(0, _used - _telling), alone);
            }
        }

        public (long Given, long Used) Told(int day, int losses, long alone, long given, long used)
        {
            lock (_lock)
            {
                if (_day != day) return (given, used);
                _telling -= alone;
                (_used, _knownAt) = (used + _alone + _telling, losses);
                return (given, used);
            }
        }

        public void NotTold(int day, long alone)
        {
            lock (_lock)
            {
                if (_day != day) return;
                _telling -= alone;
                _alone += alone;
            }
        }

        private void Turn(int day)
        {
            if (day == _day) return;
            (_day, _used, _alone, _telling, _knownAt) = (day, 0, 0, 0, -1);
        }
    }
}
