using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Admission;
using Hokusai.Gateway.Forwarding;

namespace Hokusai.Tests.Gateway.Admission;

public sealed class KeyVerdictsTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Get_InTheLastFifthOfItsLife_IsConfirmedBesideItsUse()
    {
        using var bench = new VerdictBench();
        Assert.Equal("fresh", await bench.SourceAsync());
        bench.Time.Advance(TimeSpan.FromSeconds(47));
        Assert.Equal("cached", await bench.SourceAsync());
        Assert.Equal(1, bench.Asked);
        bench.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("cached", await bench.SourceAsync());
        Assert.Equal(2, bench.Asked);

        bench.Time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal("cached", await bench.SourceAsync());
        Assert.Equal(2, bench.Asked);
    }

    [Fact]
    public async Task Get_OutlivedWhileTheServiceIsSilent_ServesAtOnceAndAsksBeside()
    {
        using var bench = new VerdictBench();
        await bench.GetAsync();
        bench.Answer = _ => VerdictBench.Silence();
        bench.Time.Advance(TimeSpan.FromSeconds(61));
        var first = bench.SourceAsync();
        Assert.False(first.IsCompleted);

        bench.Time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Equal("stale", await first.WaitAsync(Soon, TestContext.Current.CancellationToken));
        for (var i = 0; i < 100; i++)
        {
            var next = bench.SourceAsync();
            Assert.True(next.IsCompleted, "whoever comes later waits again");
            Assert.Equal("stale", await next);
        }
        Assert.Equal(2, bench.Asked);
    }

    // 15 minutes of outage, looked at every ten seconds.
    [Theory]
    [InlineData(StaleVerdicts.Serve, StaleVerdicts.Serve, 15, 15, 15)]
    [InlineData(StaleVerdicts.Serve, StaleVerdicts.Refuse, 15, 15, 0)]
    [InlineData(StaleVerdicts.Refuse, StaleVerdicts.Serve, 15, 0, 15)]
    [InlineData(StaleVerdicts.Serve, StaleVerdicts.Serve, 5, 15, 5)]
    public async Task Get_Outage_IsServedByPolicyWithinItsCapAndNeverAsABadKey(StaleVerdicts reads, StaleVerdicts writes, int writeCap, int readMinutes, int writeMinutes)
    {
        using var bench = new VerdictBench(o => o with { Verdicts = new VerdictOptions { StaleReads = reads, StaleWrites = writes, StaleWritesLifetime = TimeSpan.FromMinutes(writeCap) } });
        await bench.GetAsync();
        bench.Answer = _ => VerdictBench.Away();
        bench.Time.Advance(TimeSpan.FromSeconds(60));
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromMinutes(20); passed += TimeSpan.FromSeconds(10))
        {
            Assert.Equal((passed, passed < TimeSpan.FromMinutes(readMinutes) ? "stale" : "AuthUnavailable fresh"), (passed, await bench.SourceAsync()));
            Assert.Equal((passed, passed < TimeSpan.FromMinutes(writeMinutes) ? "stale" : "AuthUnavailable fresh"), (passed, await bench.SourceAsync(writes: true)));
            Assert.Equal(FailurePlace.AuthUnavailable, (await bench.GetAsync(ApiKey.Mint())).Verdict.Failure);
            bench.Time.Advance(TimeSpan.FromSeconds(10));
        }

        bench.Answer = _ => Task.FromResult(VerdictBench.Good());

        Assert.Equal("fresh", await bench.SourceAsync());
        Assert.Single(bench.Log.Lines, line => line.Id.Name == "StaleVerdict" && readMinutes + writeMinutes > 0);
    }

    [Fact]
    public async Task Get_KeyThatWasRefusedOrRevokedBefore_IsNeverServedInAnOutage()
    {
        using var bench = new VerdictBench();
        await bench.GetAsync();
        bench.Verdicts.Forget(["key_1"]);
        bench.Answer = _ => VerdictBench.Away();
        Assert.Equal("AuthUnavailable fresh", await bench.SourceAsync());

        bench.Answer = _ => Task.FromResult(VerdictBench.Good());
        await bench.GetAsync();
        bench.Answer = _ => Task.FromResult(VerdictBench.Refused(FailurePlace.KeyExpired));
        bench.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("KeyExpired fresh", await bench.SourceAsync());
        bench.Answer = _ => VerdictBench.Away();
        bench.Time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal("AuthUnavailable fresh", await bench.SourceAsync());
    }

    [Fact]
    public async Task Get_KeyThatEndsDuringAnOutage_EndsThen()
    {
        using var bench = new VerdictBench();
        bench.Answer = _ => Task.FromResult(VerdictBench.Good(end: bench.Time.GetUtcNow() + TimeSpan.FromMinutes(5)));
        await bench.GetAsync();
        bench.Answer = _ => VerdictBench.Away();

        bench.Time.Advance(TimeSpan.FromMinutes(4.9));
        Assert.Equal("stale", await bench.SourceAsync());
        bench.Time.Advance(TimeSpan.FromMinutes(0.2));
        Assert.Equal("AuthUnavailable fresh", await bench.SourceAsync());
    }

    [Fact]
    public async Task Doubt_VerdictOlderThanASecond_IsAskedAgain()
    {
        using var bench = new VerdictBench();
        await bench.GetAsync();
        bench.Verdicts.Doubt();
        Assert.Equal("cached", await bench.SourceAsync());
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        bench.Answer = _ => Task.FromResult(VerdictBench.Refused(FailurePlace.KeyRevoked));

        Assert.Equal("KeyRevoked fresh", await bench.SourceAsync());
    }

    [Fact]
    public async Task Doubt_ServiceIsAwayToo_IsAnOutage()
    {
        using var bench = new VerdictBench();
        await bench.GetAsync();
        bench.Verdicts.Doubt();
        bench.Answer = _ => VerdictBench.Away();
        bench.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("stale", await bench.SourceAsync());

        bench.Verdicts.Trust();

        Assert.Equal("cached", await bench.SourceAsync());
    }

    [Fact]
    public async Task Forget_AnswerUnderWay_IsNotRemembered()
    {
        using var bench = new VerdictBench();
        var old = new TaskCompletionSource<KeyVerdict>();
        bench.Answer = _ => old.Task;
        var before = bench.GetAsync();
        bench.Verdicts.Forget(["key_1"]);
        bench.Answer = _ => Task.FromResult(VerdictBench.Refused(FailurePlace.KeyRevoked));

        Assert.Equal("KeyRevoked fresh", await bench.SourceAsync());
        old.SetResult(VerdictBench.Good());
        await before;

        Assert.Equal("KeyRevoked cached", await bench.SourceAsync());
    }

    [Fact]
    public async Task Get_FloodOfUnknownKeys_IsBoundedAndGoodKeysAreAnswered()
    {
        // The deadline is how long a question waits for its turn, by the real clock.
        using var bench = new VerdictBench(o => o with { AuthDeadline = Soon, Verdicts = new VerdictOptions { MostRefusals = 1_000, MostQuestions = 16 } });
        await bench.GetAsync();
        var turnedAway = 0;
        bench.Verdicts.QuestionTurnedAway = () => Interlocked.Increment(ref turnedAway);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (running, most) = (0, 0);
        bench.Answer = async key =>
        {
            if (key == bench.Key) return VerdictBench.Good();
            most = Math.Max(most, Interlocked.Increment(ref running));
            await gate.Task;
            Interlocked.Decrement(ref running);
            return VerdictBench.Refused();
        };

        var flood = Enumerable.Range(0, 10_000).Select(_ => bench.GetAsync(ApiKey.Mint())).ToList();
        Assert.Equal(8 + 8 * 8, bench.Verdicts.UnderWay);
        Assert.Equal("cached", await bench.SourceAsync());
        bench.Time.Advance(TimeSpan.FromSeconds(61));
        // Its question has a place of its own while all others are taken.
        Assert.Equal("fresh", await bench.SourceAsync());
        gate.SetResult();
        var answers = await Task.WhenAll(flood).WaitAsync(Soon, TestContext.Current.CancellationToken);

        Assert.Equal((8, 0), (most, bench.Verdicts.UnderWay));
        Assert.Equal(10_000 - 72, turnedAway);
        Assert.Equal(turnedAway, answers.Count(answer => answer.Verdict.Failure == FailurePlace.AuthUnavailable));
        bench.Answer = _ => Task.FromResult(VerdictBench.Refused());
        for (var i = 0; i < 5_000; i++) await bench.GetAsync(ApiKey.Mint());
        Assert.Equal((1, 1_000), bench.Verdicts.Remembered);
        bench.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal((1, 0), bench.Verdicts.Remembered);
        Assert.Equal("cached", await bench.SourceAsync());
    }

    [Fact]
    public async Task Get_MoreGoodKeysThanAreRemembered_ForgetsThoseConfirmedLongestAgo()
    {
        using var bench = new VerdictBench(o => o with { Verdicts = new VerdictOptions { MostVerdicts = 100 } });
        await bench.GetAsync();
        for (var i = 0; i < 1_000; i++)
        {
            bench.Time.Advance(TimeSpan.FromMilliseconds(1));
            await bench.GetAsync(ApiKey.Mint());
        }

        Assert.InRange(bench.Verdicts.Remembered.Good, 80, 100);
        Assert.Equal("fresh", await bench.SourceAsync());
    }
}
