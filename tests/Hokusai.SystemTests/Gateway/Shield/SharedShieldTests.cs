using System.Collections.Concurrent;
using Hokusai.Gateway.Shield;
using Hokusai.SystemTests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Hokusai.SystemTests.Gateway.Shield;

/// <summary>Two gateways on one Redis.</summary>
public sealed class SharedShieldTests : IAsyncLifetime
{
    private readonly CollectedEvents _events = new();
    private RedisServer _server = null!;
    private SharedGateway _a = null!;
    private SharedGateway _b = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartNewAsync();
        _a = await SharedGateway.StartAsync("a", _server, _events);
        _b = await SharedGateway.StartAsync("b", _server, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Begin_AnswerLostAtTheOther_ReplaysItOnce()
    {
        await _a.OweAsync("{}", "run-1");
        using (var second = await _b.BeginAsync("{}", ShieldVerdict.Replay))
        {
            Assert.Equal(("run-1", "a-1"), (SharedGateway.RunOf(second), second.Outcome!.RequestId));
            second.Undelivered();
        }
        await _b.ToldAsync();
        using (var third = await _a.BeginAsync("{}", ShieldVerdict.Replay)) third.Delivered();
        using var fourth = await _b.BeginAsync("{}", ShieldVerdict.Send);
        // What Redis has is forgotten here once it has said so.
        await SharedGateway.UntilAsync(() => Task.FromResult((_a.Memory.Count, _b.Memory.Count) == (0, 1)), "only what is in flight is in memory");
    }

    [Fact]
    public async Task Begin_InFlightAtTheOtherWithoutClient_WaitsForItsOutcome()
    {
        var first = await _a.BeginAsync("{}", ShieldVerdict.Send);
        first.ClientGone();
        await _a.ToldAsync();
        var second = _b.BeginAsync("{}");
        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);
        SharedGateway.Answer(first, "run-1");
        Assert.Equal("run-1", SharedGateway.RunOf(await second));
    }

    [Fact]
    public async Task Begin_DeliveredAtTheOther_Sends()
    {
        using (var first = await _a.BeginAsync("{}", ShieldVerdict.Send))
        {
            SharedGateway.Answer(first, "run-1");
            first.Delivered();
        }
        await _b.BeginAsync("{}", ShieldVerdict.Send);
    }

    [Fact]
    public async Task Begin_ManyAtOnceAtBoth_EachOwedOutcomeGoesToOne()
    {
        var first = new List<ShieldTicket>();
        for (var i = 0; i < 20; i++) first.Add(await (i % 2 == 0 ? _a : _b).BeginAsync("{}", ShieldVerdict.Send));
        for (var i = 0; i < first.Count; i++) SharedGateway.Answer(first[i], $"run-{i}");
        for (var i = 0; i < first.Count; i++)
        {
            if (i < 12) first[i].Undelivered();
            else first[i].Delivered();
        }
        await _a.ToldAsync();
        await _b.ToldAsync();
        var replayed = new ConcurrentBag<string>();
        var sent = 0;
        await Task.WhenAll(Enumerable.Range(0, 30).Select(async i =>
        {
            using var ticket = await (i % 2 == 0 ? _a : _b).BeginAsync("{}");
            if (ticket.Verdict == ShieldVerdict.Replay) replayed.Add(SharedGateway.RunOf(ticket));
            else Interlocked.Increment(ref sent);
            ticket.Delivered();
        }));
        Assert.Equal((12, 12, 18), (replayed.Count, replayed.Distinct().Count(), sent));
    }

    [Fact]
    public async Task Begin_RedisKilled_GoesOnAloneAndSaysSoOnce()
    {
        await _a.OweAsync("before", "run-1");
        var flying = await _a.BeginAsync("flying", ShieldVerdict.Send);
        await _server.KillAsync();

        await _a.OweAsync("during", "run-2");
        Assert.True(_a.Store.IsAway);
        flying.ClientGone();
        var waiting = _a.BeginAsync("flying");
        SharedGateway.Answer(flying, "run-3");
        Assert.Equal("run-3", SharedGateway.RunOf(await waiting));
        (await _a.BeginAsync("during", ShieldVerdict.Replay)).Delivered();
        await _a.BeginAsync("during", ShieldVerdict.Send);
        Assert.Equal(1, _events.Count("ShieldAlone"));
    }

    [Fact]
    public async Task Begin_RedisKilledAndBackEmpty_IsToldWhatTheGatewayKnows()
    {
        var flying = await _a.BeginAsync("flying", ShieldVerdict.Send);
        await _server.KillAsync();
        await _a.OweAsync("during", "run-2");
        flying.ClientGone();
        await _server.StartAgainAsync();

        await SharedGateway.UntilAsync(() => IsBackAsync(_a), "gateway a is back");
        await SharedGateway.UntilAsync(() => IsBackAsync(_b), "gateway b is back");
        Assert.Equal(1, _events.Count("ShieldShared"));
        var replay = await _b.BeginAsync("during", ShieldVerdict.Replay);
        Assert.Equal("run-2", SharedGateway.RunOf(replay));
        var waiting = _b.BeginAsync("flying");
        SharedGateway.Answer(flying, "run-3");
        Assert.Equal("run-3", SharedGateway.RunOf(await waiting));
    }

    [Fact]
    public async Task Begin_RestartBetweenFirstAndReSend_WaitsAllTheSame()
    {
        var first = await _a.BeginAsync("{}", ShieldVerdict.Send);
        first.ClientGone();
        var second = _a.BeginAsync("{}");
        await _server.KillAsync();
        await _server.StartAgainAsync();
        await SharedGateway.UntilAsync(() => IsBackAsync(_a), "gateway a is back");
        Assert.False(second.IsCompleted);
        SharedGateway.Answer(first, "run-1");
        Assert.Equal("run-1", SharedGateway.RunOf(await second));
    }

    [Fact]
    public async Task Keys_AfterUse_HoldNoSecretsAndEndByThemselves()
    {
        await _a.OweAsync("{}", "run-1");
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_server.Configuration);
        List<RedisKey> keys = [];
        // The gateway does not wait for Redis once the client has its answer.
        await SharedGateway.UntilAsync(() => Task.FromResult((keys = [.. redis.GetServers()[0].Keys(pattern: "*")]).Count == 2), "both keys are there");
        Assert.All(keys, key => Assert.Matches("^hokusai:shield:\\{[0-9a-f]{64}\\}(:outcomes)?$", key.ToString()));
        foreach (var key in keys) Assert.InRange((await redis.GetDatabase().KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(12));
        (await _b.BeginAsync("{}", ShieldVerdict.Replay)).Delivered();
        await SharedGateway.UntilAsync(async () => !await redis.GetDatabase().KeyExistsAsync(keys[0]) && !await redis.GetDatabase().KeyExistsAsync(keys[1]), "both keys are gone");
    }

    // The store tries Redis again when somebody asks.
    private static async Task<bool> IsBackAsync(SharedGateway gateway)
    {
        using (await gateway.BeginAsync("is it back")) return !gateway.Store.IsAway;
    }
}
