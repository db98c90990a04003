using Hokusai.Gateway.Shield;

namespace Hokusai.Tests.Gateway.Shield;

public sealed class ReplayShieldTests
{
    private readonly ShieldBench _bench = new();

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
