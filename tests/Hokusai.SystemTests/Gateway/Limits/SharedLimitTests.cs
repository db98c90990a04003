using Hokusai.Gateway.Limits;
using Hokusai.Gateway.Shield;
using Hokusai.SystemTests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Hokusai.SystemTests.Gateway.Limits;

/// <summary>Limits of several gateways on one Redis.</summary>
public sealed class SharedLimitTests : IAsyncLifetime
{
    // Longer than the default, for a machine that runs other tests at the same time; what is tested is not its length. A gateway takes no more than a second.
    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly List<IConnectionMultiplexer> _connections = [];
    private RedisServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartNewAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections) await connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Take_AtTwoGatewaysAtOnce_ServesTheBurstOnce()
    {
        SharedBuckets[] gateways = [Buckets(await RedisAsync()), Buckets(await RedisAsync())];
        var plan = new RatePlan(TimeSpan.TicksPerHour, 50);
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => gateways[i % 2].DrawAsync(Draw.Take, "key", plan).AsTask()));
        Assert.Equal(50, answers.Count(a => a.Allowed));
        Assert.Equal(Enumerable.Range(0, 50), answers.Where(a => a.Allowed).Select(a => a.Remaining).Order());
        Assert.All(answers.Where(a => !a.Allowed), a => Assert.InRange(a.UntilNext, TimeSpan.FromMinutes(59), TimeSpan.FromHours(1)));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Take_OverTime_FillsAtTheRate()
    {
        var buckets = Buckets(await RedisAsync());
        var plan = new RatePlan(TimeSpan.FromMilliseconds(20).Ticks, 5);
        var (served, began) = (0, TimeProvider.System.GetTimestamp());
        // A bucket holds no more than its burst: of a time in which nobody asked, only what is between two drops is sure to be there.
        for (var (asking, last) = (TimeSpan.Zero, TimeSpan.Zero); asking < TimeSpan.FromSeconds(1);)
        {
            if ((await buckets.DrawAsync(Draw.Take, "key", plan)).Allowed) served++;
            var now = TimeProvider.System.GetElapsedTime(began);
            asking += now - last < TimeSpan.FromMilliseconds(20) ? now - last : TimeSpan.FromMilliseconds(20);
            last = now;
        }
        Assert.InRange(served, 40, 5 + (TimeProvider.System.GetElapsedTime(began) / TimeSpan.FromMilliseconds(20)));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Take_RedisKilledAndBackEmpty_NeverGivesANewBurst()
    {
        var redis = await RedisAsync();
        var buckets = Buckets(redis);
        var plan = new RatePlan(TimeSpan.TicksPerHour, 10);
        for (var i = 0; i < 4; i++) Assert.True((await buckets.DrawAsync(Draw.Take, "key", plan)).Allowed);
        await _server.KillAsync();
        for (var i = 0; i < 4; i++) Assert.Equal((true, 5 - i), (await buckets.DrawAsync(Draw.Take, "key", plan) is var own && own.Allowed, own.Remaining));
        Assert.True(redis.IsAway);

        await _server.StartAgainAsync();
        await Until.TrueAsync("Redis is asked again", Soon, async () => await redis.ProbeAsync());
        Assert.Equal(1, (await buckets.DrawAsync(Draw.Take, "key", plan)).Remaining);
        // And the other gateway learns it from Redis.
        Assert.Equal(0, (await Buckets(await RedisAsync()).DrawAsync(Draw.Take, "key", plan)).Remaining);
        Assert.False((await buckets.DrawAsync(Draw.Take, "key", plan)).Allowed);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Charge_AtBothGateways_IsOwedAtBoth()
    {
        SharedBuckets[] gateways = [Buckets(await RedisAsync()), Buckets(await RedisAsync())];
        var plan = new RatePlan(TimeSpan.TicksPerMinute, 4);
        for (var i = 0; i < 6; i++) await gateways[i % 2].DrawAsync(Draw.Charge, "2001:db8::/64", plan);
        foreach (var gateway in gateways)
        {
            var look = await gateway.DrawAsync(Draw.Look, "2001:db8::/64", plan);
            Assert.False(look.Allowed);
            Assert.InRange(look.UntilNext, TimeSpan.FromMinutes(2.5), TimeSpan.FromMinutes(3));
        }
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Quota_AtTwoGatewaysAtOnce_IsGivenOnce()
    {
        QuotaLedger[] gateways = [Ledger(await RedisAsync()), Ledger(await RedisAsync())];
        var given = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i => (await gateways[i % 2].TakeAsync("key", LimitKind.Bytes, 1000, 30, 1)).Given));
        Assert.Equal(1000, given.Sum());
        await gateways[0].ReturnAsync("key", LimitKind.Bytes, gateways[0].Today, 100);
        Assert.Equal((100, 1000), await gateways[1].TakeAsync("key", LimitKind.Bytes, 1000, 500, 1));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Quota_RedisKilledAndBackEmpty_KnowsWhatBothUsedMeanwhile()
    {
        var (redis, other) = (await RedisAsync(), await RedisAsync());
        QuotaLedger[] gateways = [Ledger(redis), Ledger(other)];
        foreach (var gateway in gateways) await gateway.TakeAsync("key", LimitKind.Runs, 1000, 100, 100);
        Assert.Equal((1, 201), await gateways[0].TakeAsync("key", LimitKind.Runs, 1000, 1, 1));
        await _server.KillAsync();
        Assert.Equal((50, 251), await gateways[0].TakeAsync("key", LimitKind.Runs, 1000, 50, 50));
        Assert.Equal((70, 270), await gateways[1].TakeAsync("key", LimitKind.Runs, 1000, 70, 70));

        await _server.StartAgainAsync();
        await Until.TrueAsync("both ask again", Soon, async () => await redis.ProbeAsync() && await other.ProbeAsync());
        Assert.Equal((1, 252), await gateways[0].TakeAsync("key", LimitKind.Runs, 1000, 1, 1));
        // 252, and 70 of its own, and one.
        Assert.Equal((1, 323), await gateways[1].TakeAsync("key", LimitKind.Runs, 1000, 1, 1));
        Assert.Equal((1, 324), await gateways[0].TakeAsync("key", LimitKind.Runs, 1000, 1, 1));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Keys_AfterUse_EndByThemselves()
    {
        var redis = await RedisAsync();
        await Buckets(redis).DrawAsync(Draw.Take, "key_1", new RatePlan(TimeSpan.TicksPerMinute, 4));
        await Ledger(redis).TakeAsync("key_1", LimitKind.Bytes, 10, 1, 1);
        var keys = _connections[0].GetServers()[0].Keys(pattern: "*").ToList();
        Assert.Equal(2, keys.Count);
        Assert.All(keys, key => Assert.Matches(@"^hokusai:(limit:key:\{key_1\}:60000000:4|quota:bytes:\{key_1\}:\d+)$", key.ToString()));
        foreach (var key in keys) Assert.InRange((await _connections[0].GetDatabase().KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromSeconds(50), TimeSpan.FromDays(2));
    }

    /// <summary>Two gateways under load while Redis is killed and comes back: nobody waits, nobody fails, and all of it is said.</summary>
    [Fact(Timeout = Deadlines.Test)]
    public async Task Gateways_RedisKilledUnderLoad_GoOnAloneAndShareAgain()
    {
        await using var one = await HopAsync(needRedis: false);
        await using var two = await HopAsync(needRedis: true);
        await Until.TrueAsync("both share", Soon, async () => await ReadyAsync(one) == "shared" && await ReadyAsync(two) == "shared");
        Assert.Equal("shared", await ReadyAsync(one, 200));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var statuses = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        var load = new[] { one, two }.Select(hop => LoadAsync(hop, statuses, stop.Token)).ToList();
        await Until.TrueAsync("load runs", Soon, () => statuses.GetValueOrDefault(200) > 50);

        await _server.KillAsync();
        var before = statuses.GetValueOrDefault(200);
        await Until.TrueAsync("it goes on", Soon, () => statuses.GetValueOrDefault(200) > before + 50);
        // Each notices for itself, and the answers may have been the other's.
        await Until.TrueAsync("both say so", Soon, async () => await ReadyAsync(one) != "shared" && await ReadyAsync(two) != "shared" && await AloneAsync(one) > 0);
        Assert.StartsWith("degraded", await ReadyAsync(one, 200), StringComparison.Ordinal);
        Assert.StartsWith("degraded", await ReadyAsync(two, 503), StringComparison.Ordinal);
        Assert.Equal("down", (await Dependencies.ReadAsync(one.Url, "redis")).Text("state"));

        await _server.StartAgainAsync();
        await Until.TrueAsync("both share again", Soon, async () => await ReadyAsync(one) == "shared" && await ReadyAsync(two) == "shared");
        // A machine that stands still for longer than a question may take is an absence of Redis too, told like this one: then another while is looked at.
        await Until.TrueAsync("a while in which Redis answers", Soon, async () =>
        {
            var (absences, alone) = (Absences(), await AloneAsync(one));
            before = statuses.GetValueOrDefault(200);
            await Until.TrueAsync("it goes on", Soon, () => statuses.GetValueOrDefault(200) > before + 50);
            return await AloneAsync(one) == alone && Absences() == absences;
        });
        await stop.CancelAsync();
        await Task.WhenAll(load);

        Assert.Equal([200], statuses.Keys);
        await one.Gateway.StopAsync();
        // Once for each absence, not for each request.
        Assert.InRange(Absences(), 1, 3);
        Assert.InRange(one.Gateway.Logs.Entries.Count(e => e.Contains("share their limits again", StringComparison.Ordinal)), 1, Absences());

        int Absences() => one.Gateway.Logs.Entries.Count(e => e.Contains("limits by what it knows itself", StringComparison.Ordinal));
    }

    private static async Task<double> AloneAsync(GatewayHop hop) => (await MetricSamples.ReadAsync(hop.Url))["hokusai_gateway_limits_alone_total"];

    private static async Task LoadAsync(GatewayHop hop, System.Collections.Concurrent.ConcurrentDictionary<int, int> statuses, CancellationToken stop)
    {
        var client = hop.Client();
        while (!stop.IsCancellationRequested)
        {
            statuses.AddOrUpdate(await client.StatusAsync(LimitedKey.Search), 1, static (_, count) => count + 1);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
        }
    }

    private static async Task<string> ReadyAsync(GatewayHop hop, int? status = null)
    {
        using var answer = await hop.Client().GetAsync("/hokusai/ready", Cancellation);
        if (status is not null) Assert.Equal(status, (int)answer.StatusCode);
        using var json = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
        return json.RootElement.GetProperty("limits").GetString()!;
    }

    private static SharedBuckets Buckets(LimitRedis redis) => new("key", new BucketTable(1000, TimeProvider.System), redis);

    private static QuotaLedger Ledger(LimitRedis redis) => new(redis, 1000, TimeProvider.System);

    private Task<GatewayHop> HopAsync(bool needRedis) => GatewayHop.StartAsync(
        validate: LimitedKey.With(perHour: 3_600_000), configure: o => o with { Redis = _server.Configuration, Limits = new LimitOptions { RedisDeadline = TimeSpan.FromSeconds(1), NeedRedis = needRedis } });

    private async Task<LimitRedis> RedisAsync()
    {
        var connection = await RedisShieldStore.ConnectAsync(_server.Configuration);
        _connections.Add(connection);
        // It goes on trying by itself where the machine is too slow for its first try.
        await Until.TrueAsync("connected", Soon, () => connection.IsConnected);
        return new LimitRedis(connection, Patient, TimeProvider.System, NullLogger.Instance);
    }
}
