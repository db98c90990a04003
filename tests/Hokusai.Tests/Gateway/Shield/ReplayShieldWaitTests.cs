using Hokusai.Gateway.Shield;

namespace Hokusai.Tests.Gateway.Shield;

public sealed class ReplayShieldWaitTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private readonly ShieldBench _bench = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Begin_FirstStillInFlightWithoutClient_WaitsForItsOutcome()
    {
        var first = await _bench.NowAsync(ShieldVerdict.Send);
        first.ClientGone();
        var second = _bench.BeginAsync(cancellation: Stop);
        _bench.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(second.IsCompleted);
        Assert.False(first.Answered(200, null, ShieldBench.Body("run-1")));
        Assert.Equal("run-1", ShieldBench.RunOf(await second.WaitAsync(Soon, Stop)));
    }

    [Fact]
    public async Task Begin_ClientsEndIsNoticedLate_IsHeldAndWaits()
    {
        var first = await _bench.NowAsync(ShieldVerdict.Send);
        var second = _bench.BeginAsync(cancellation: Stop);
        _bench.Time.Advance(TimeSpan.FromMilliseconds(60));
        first.ClientGone();
        _bench.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(second.IsCompleted);
        first.Answered(200, null, ShieldBench.Body("run-1"));
        Assert.Equal("run-1", ShieldBench.RunOf(await second.WaitAsync(Soon, Stop)));
    }

    [Fact]
    public async Task Begin_EqualOnesInFlightWithTheirClients_AreIndependent()
    {
        var first = await _bench.NowAsync(ShieldVerdict.Send);
        var second = await _bench.SettledAsync(ShieldVerdict.Send);
        first.Answered(200, null, ShieldBench.Body("run-1"));
        second.Answered(200, null, ShieldBench.Body("run-2"));
        first.Delivered();
        second.Undelivered();
        Assert.Equal("run-2", ShieldBench.RunOf(await _bench.NowAsync(ShieldVerdict.Replay)));
    }

    [Theory]
    [InlineData(8, 3)]
    [InlineData(5, 5)]
    [InlineData(4, 0)]
    public async Task Begin_SomeOfManyEqualOnesLoseTheirAnswers_EachIsReplayedOnce(int all, int lost)
    {
        var tickets = new List<ShieldTicket>();
        for (var i = 0; i < all; i++) tickets.Add(await _bench.SettledAsync(ShieldVerdict.Send));
        for (var i = 0; i < all; i++)
        {
            tickets[i].Answered(200, null, ShieldBench.Body($"run-{i}"));
            if (i < lost) tickets[i].Undelivered();
            else tickets[i].Delivered();
        }
        var replayed = new HashSet<string>();
        for (var i = 0; i < lost; i++) Assert.True(replayed.Add(ShieldBench.RunOf(await _bench.NowAsync(ShieldVerdict.Replay))));
        await _bench.SettledAsync(ShieldVerdict.Send);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Begin_LostAnswerMadeNothing_Sends(int status)
    {
        var first = await _bench.NowAsync(ShieldVerdict.Send);
        first.ClientGone();
        var second = _bench.BeginAsync(cancellation: Stop);
        first.Answered(status, null, ShieldBench.Body("{}"));
        Assert.Equal(ShieldVerdict.Send, (await second.WaitAsync(Soon, Stop)).Verdict);
    }

    [Fact]
    public async Task Begin_WaitTooLong_SaysThatItIsStillOut()
    {
        var first = await _bench.NowAsync(ShieldVerdict.Send);
        first.ClientGone();
        var second = _bench.BeginAsync(cancellation: Stop);
        _bench.Time.Advance(TimeSpan.FromSeconds(25));
        using var ticket = await second.WaitAsync(Soon, Stop);
        Assert.Equal(ShieldVerdict.StillOut, ticket.Verdict);
        ticket.Delivered();
        first.Answered(200, null, ShieldBench.Body("run-1"));
        await _bench.NowAsync(ShieldVerdict.Replay);
    }

    [Fact]
    public async Task Begin_ClientLeavesWhileWaiting_LeavesTheOutcomeToTheNext()
    {
        var first = await _bench.NowAsync(ShieldVerdict.Send);
        first.ClientGone();
        using var client = new CancellationTokenSource();
        var second = _bench.BeginAsync(cancellation: client.Token);
        await client.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => second.WaitAsync(Soon, Stop));
        first.Answered(200, null, ShieldBench.Body("run-1"));
        await _bench.NowAsync(ShieldVerdict.Replay);
    }

    [Fact]
    public async Task Begin_ReplayIsOnItsWay_IsHeldAndGetsItIfItIsLost()
    {
        var first = await _bench.NowAsync(ShieldVerdict.Send);
        first.Answered(200, null, ShieldBench.Body("run-1"));
        first.Undelivered();
        var second = await _bench.NowAsync(ShieldVerdict.Replay);
        var third = _bench.BeginAsync(cancellation: Stop);
        Assert.False(third.IsCompleted);
        second.Undelivered();
        Assert.Equal("run-1", ShieldBench.RunOf(await third.WaitAsync(Soon, Stop)));
    }

    [Fact]
    public async Task Enter_OutcomeOwedWhileTwoWait_GoesToTheOneThatCameFirst()
    {
        var (store, fingerprint, changed) = (_bench.Store, ShieldBench.Create, new TaskCompletionSource());
        await store.PutAsync(fingerprint, "first", EntryState.Orphaned);
        Assert.Equal(EntryVerdict.Wait, (await store.EnterAsync(fingerprint, "elder", true, changed)).Verdict);
        Assert.Equal(EntryVerdict.Wait, (await store.EnterAsync(fingerprint, "younger", true, changed)).Verdict);
        await store.PutAsync(fingerprint, "first", EntryState.Owed, new ShieldedOutcome("first", 200, null, ShieldBench.Body("run-1")));
        Assert.Equal(EntryVerdict.Wait, (await store.EnterAsync(fingerprint, "younger", true, changed)).Verdict);
        Assert.Equal(EntryVerdict.Replay, (await store.EnterAsync(fingerprint, "elder", true, changed)).Verdict);
        Assert.Equal(EntryVerdict.Hold, (await store.EnterAsync(fingerprint, "younger", true, changed)).Verdict);
        Assert.Equal(EntryVerdict.Send, (await store.EnterAsync(fingerprint, "younger", false, changed)).Verdict);
    }

    [Fact]
    public async Task Enter_OnlyAHeldOneCameBefore_Holds()
    {
        var (store, fingerprint, changed) = (_bench.Store, ShieldBench.Create, new TaskCompletionSource());
        await store.PutAsync(fingerprint, "held", EntryState.Held);
        Assert.Equal(EntryVerdict.Hold, (await store.EnterAsync(fingerprint, "next", true, changed)).Verdict);
        Assert.Equal(EntryVerdict.Send, (await store.EnterAsync(fingerprint, "held", true, changed)).Verdict);
    }
}
