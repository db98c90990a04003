using Hokusai.Gateway.Shield;

namespace Hokusai.Tests.Gateway.Shield;

public sealed class ReplayShieldTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private readonly ShieldBench _bench = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Begin_FirstWasDelivered_SendsAgain()
    {
        var first = await _bench.NowAsync(ShieldVerdict.Send);
        Assert.True(first.Answered(200, "application/json", ShieldBench.Body("run-1")));
        first.Delivered();
        await _bench.NowAsync(ShieldVerdict.Send);
    }

    [Fact]
    public async Task Begin_AnswerLostInWriting_ReplaysItOnce()
    {
        var first = await _bench.NowAsync(ShieldVerdict.Send);
        first.Answered(200, "application/json", ShieldBench.Body("run-1"));
        first.Undelivered();
        first.Undelivered();
        first.Dispose();
        var second = await _bench.NowAsync(ShieldVerdict.Replay);
        Assert.Equal(("run-1", "request-1", 200, "application/json"), (ShieldBench.RunOf(second), second.Outcome!.RequestId, second.Outcome.Status, second.Outcome.ContentType));
        second.Delivered();
        await _bench.NowAsync(ShieldVerdict.Send);
        Assert.Equal((1, 1), (_bench.Shield.Counts.Owed, _bench.Shield.Counts.Replayed));
    }

    [Fact]
    public async Task Begin_ReplayLostToo_ReplaysAgain()
    {
        await OweAsync("run-1");
        (await _bench.NowAsync(ShieldVerdict.Replay)).Undelivered();
        var third = await _bench.NowAsync(ShieldVerdict.Replay);
        Assert.Equal("run-1", ShieldBench.RunOf(third));
    }

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
    public async Task Begin_FirstFailedPerhapsProcessed_Sends()
    {
        var first = await _bench.NowAsync(ShieldVerdict.Send);
        first.Failed(ProcessedBy.PerhapsUpstream);
        first.Undelivered();
        await _bench.NowAsync(ShieldVerdict.Send);
    }

    [Fact]
    public async Task Begin_AnswerBrokeOff_TellsOnceThatItWasMade()
    {
        var first = await _bench.NowAsync(ShieldVerdict.Send);
        first.Failed(ProcessedBy.Upstream);
        first.Undelivered();
        (await _bench.NowAsync(ShieldVerdict.Lost)).Delivered();
        await _bench.NowAsync(ShieldVerdict.Send);
    }

    [Fact]
    public async Task Begin_AnswerTooLargeToKeep_TellsThatItWasMade()
    {
        var first = await _bench.NowAsync(ShieldVerdict.Send);
        first.Answered(200, null, new byte[64 * 1024 + 1]);
        first.Undelivered();
        await _bench.NowAsync(ShieldVerdict.Lost);
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
    public async Task Begin_AfterTheWindow_Sends()
    {
        await OweAsync("run-1");
        _bench.Time.Advance(TimeSpan.FromMinutes(10));
        await _bench.NowAsync(ShieldVerdict.Send);
    }

    [Fact]
    public async Task Begin_DeliveryNeverConfirmed_ReplaysAfterItsTime()
    {
        await OweAsync("run-1");
        await _bench.NowAsync(ShieldVerdict.Replay);
        _bench.Time.Advance(TimeSpan.FromSeconds(30));
        await _bench.NowAsync(ShieldVerdict.Replay);
    }

    [Fact]
    public async Task Undelivered_AfterDelivered_LastWordCounts()
    {
        var first = await _bench.NowAsync(ShieldVerdict.Send);
        first.Answered(200, null, ShieldBench.Body("run-1"));
        first.Delivered();
        first.Undelivered();
        await _bench.NowAsync(ShieldVerdict.Replay);
    }

    [Fact]
    public async Task Dispose_NothingSaid_LeavesNothingBehind()
    {
        using (await _bench.NowAsync(ShieldVerdict.Send)) Assert.Equal(1, _bench.Store.Count);
        Assert.Equal(0, _bench.Store.Count);
    }

    [Fact]
    public void Covers_BySizeAndSwitch()
    {
        Assert.True(_bench.Shield.Covers(256 * 1024));
        Assert.False(_bench.Shield.Covers(256 * 1024 + 1));
        Assert.False(new ShieldBench(new ShieldOptions { Enabled = false }).Shield.Covers(1));
    }

    private async Task OweAsync(string run)
    {
        var ticket = await _bench.NowAsync(ShieldVerdict.Send);
        ticket.Answered(200, null, ShieldBench.Body(run));
        ticket.Undelivered();
    }
}
