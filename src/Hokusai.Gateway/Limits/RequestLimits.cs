using System.Globalization;
using System.Runtime.CompilerServices;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Hokusai.Gateway.Limits;

/// <summary>
/// What a key may do in a while: requests by a token bucket, bytes of artifacts and runs by a quota a day. A key without limits costs nothing here.
/// </summary>
internal sealed class RequestLimits
{
    // A client that is told to wait longer waits for nothing: nobody watches a script for half a day, and Python's MLflow shows no body of a 429.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly LimitOptions _options;
    private readonly SharedBuckets _keys;
    private readonly QuotaLedger _quotas;
    private readonly LimitCounts _counts;
    private readonly Func<double> _chance;

    /// <param name="options">Checked settings.</param>
    /// <param name="redis">What gateways share; null for one on its own.</param>
    /// <param name="metrics">Where decisions are counted.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to say that limits are not shared.</param>
    /// <param name="chance">0 to 1, for waits.</param>
    public RequestLimits(LimitOptions options, IConnectionMultiplexer? redis, GatewayMetrics metrics, TimeProvider time, ILogger logger, Func<double> chance)
    {
        (_options, _chance) = (options, chance);
        _counts = new LimitCounts(metrics);
        Redis = redis is null ? null : new LimitRedis(redis, options.RedisDeadline, time, logger) { FellBack = metrics.LimitFellBack };
        _keys = new SharedBuckets("key", new BucketTable(options.MostEntries, time), Redis);
        _quotas = new QuotaLedger(Redis, options.MostEntries, time);
        Attempts = new FailedAttempts(new SharedBuckets("address", new BucketTable(options.MostEntries, time), Redis), options, _counts, chance);
    }

    /// <summary>Failed attempts of client addresses.</summary>
    public FailedAttempts Attempts { get; }

    /// <summary>What gateways share; null for one on its own.</summary>
    public LimitRedis? Redis { get; }

    /// <summary>Takes what the request needs, or says what there is too little of. <see cref="LeaveAsync"/> must follow if it goes on.</summary>
    public ValueTask<(FailurePlace Place, string? Detail)?> EnterAsync(HttpContext http, Exchange exchange)
    {
        var key = exchange.Key!;
        var plan = RatePlan.OfKey(key.RateLimitPerHour, _options);
        if (plan is null) return EnterQuotasAsync(http, exchange, key);
        var draw = _keys.DrawAsync(Draw.Take, key.KeyId, plan.Value);
        if (!draw.IsCompletedSuccessfully) return EnterLaterAsync(draw, http, exchange, key);
        return Judge(http, exchange, key, draw.Result) is { } exceeded ? new(exceeded) : EnterQuotasAsync(http, exchange, key);
    }

    /// <summary>Gives back what was taken and not used.</summary>
    public async ValueTask LeaveAsync(Exchange exchange)
    {
        if (exchange.Meter is { } meter) await meter.SettleAsync();
        // A run counts if MLflow made it for this request: a replayed answer had no attempt, and whether the client is still there does not matter.
        if (exchange.RunTakenOn is { } day && exchange.Attempts is not [.., { Status: >= 200 and < 300 }]) await _quotas.ReturnAsync(exchange.Key!.KeyId, LimitKind.Runs, day, 1);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(FailurePlace, string?)?> EnterLaterAsync(ValueTask<Allowance> draw, HttpContext http, Exchange exchange, ValidatedKey key) =>
        Judge(http, exchange, key, await draw) ?? await EnterQuotasAsync(http, exchange, key);

    private (FailurePlace, string?)? Judge(HttpContext http, Exchange exchange, ValidatedKey key, Allowance allowance)
    {
        RateLimitHeaders.Attach(http.Response, allowance);
        if (allowance.Allowed)
        {
            _counts.Allowed(LimitKind.Key);
            return null;
        }
        _counts.Refused(LimitKind.Key);
        exchange.RetryAfter = RetryWait.Seconds(allowance.UntilNext, _chance());
        return (FailurePlace.RateExceeded, $"The key {key.KeyId} may make {key.RateLimitPerHour ?? _options.RateLimitPerHour} an hour, {allowance.Burst} of them at once.");
    }

    private ValueTask<(FailurePlace, string?)?> EnterQuotasAsync(HttpContext http, Exchange exchange, ValidatedKey key)
    {
        if (key.Quotas is null) return default;
        if (key.Quotas.BytesPerDay is { } bytes && exchange.Endpoint!.MovesArtifact) return MeterAsync(http, exchange, bytes);
        return key.Quotas.RunsPerDay is { } runs && exchange.Endpoint!.MakesRun ? TakeRunAsync(exchange, runs) : default;
    }

    private async ValueTask<(FailurePlace, string?)?> MeterAsync(HttpContext http, Exchange exchange, long quota)
    {
        var meter = new ByteMeter(_quotas, exchange, quota, (needed, used) => Exhausted(exchange, LimitKind.Bytes, quota, used, needed));
        // What flows is a read's answer or a write's body. Of one whose length nobody knows yet, the first byte is asked for.
        var length = exchange.Endpoint!.Class == EndpointClass.Read ? 1 : http.Request.ContentLength ?? 1;
        if (length > 0 && !await meter.TryReserveAsync(length, length))
        {
            var refusal = meter.Refusal(length, Forwarding.Http1.Progress.NothingSent);
            return (refusal.Place, refusal.Detail);
        }
        _counts.Allowed(LimitKind.Bytes);
        exchange.Meter = meter;
        return null;
    }

    private async ValueTask<(FailurePlace, string?)?> TakeRunAsync(Exchange exchange, long quota)
    {
        var day = _quotas.Today;
        var (given, used) = await _quotas.TakeAsync(exchange.Key!.KeyId, LimitKind.Runs, quota, 1, 1);
        if (given == 0) return Exhausted(exchange, LimitKind.Runs, quota, used, 1);
        _counts.Allowed(LimitKind.Runs);
        exchange.RunTakenOn = day;
        return null;
    }

    private (FailurePlace, string?) Exhausted(Exchange exchange, LimitKind kind, long quota, long used, long needed)
    {
        _counts.Refused(kind);
        var (what, limit) = kind == LimitKind.Bytes ? ("bytes of artifacts", "bytes_per_day") : ("runs", "runs_per_day");
        var detail = string.Create(CultureInfo.InvariantCulture, $"The key {exchange.Key!.KeyId} has {limit} {quota} and used {used} of it; this needs {needed} more {what}. It begins anew at {_quotas.Midnight:yyyy-MM-dd'T'HH:mm:ss'Z'}.");
        var wait = _quotas.UntilMidnight;
        // What is larger than a whole day's amount will not fit tomorrow either.
        if (wait > LongestWait || needed > quota) return (FailurePlace.QuotaExhausted, detail);
        exchange.RetryAfter = RetryWait.Seconds(wait, _chance());
        return (FailurePlace.QuotaEndsSoon, detail);
    }
}
