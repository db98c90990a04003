using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Resilience;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Gateway.Resilience;

public sealed class RetryTests
{
    private static readonly RetryOptions Options = new();
    private static readonly RetryMeans Means = new(RetriesDone: 0, CanReplayBody: true, Left: TimeSpan.FromSeconds(20));

    public static TheoryData<string, int, string> Table => new()
    {
        // How it ended, the upstream's status, and whether Safe, IdempotentWrite and Never may go again, in this order.
        { nameof(AttemptEnd.NotConnected), 0, "yes yes yes" },
        { nameof(AttemptEnd.ClosedUnwritten), 0, "yes yes yes" },
        { nameof(AttemptEnd.ResetBeforeAnswer), 0, "yes yes no" },
        { nameof(AttemptEnd.NoAnswerInTime), 0, "yes no no" },
        { nameof(AttemptEnd.FailureStatus), 500, "no no no" },
        { nameof(AttemptEnd.FailureStatus), 501, "no no no" },
        { nameof(AttemptEnd.FailureStatus), 429, "no no no" },
        { nameof(AttemptEnd.FailureStatus), 502, "yes no no" },
        { nameof(AttemptEnd.FailureStatus), 503, "yes no no" },
        { nameof(AttemptEnd.FailureStatus), 504, "yes no no" },
        { nameof(AttemptEnd.BrokeOffInAnswer), 0, "no no no" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Decide_EachEndAndClass_FollowsTheTable(string end, int status, string expected)
    {
        var failed = new FailedAttempt(Enum.Parse<AttemptEnd>(end), status);
        var decisions = Enum.GetValues<RetryClass>().Select(kind => RetryPlan.Decide(Options, kind, failed, Means)).ToList();
        Assert.Equal(expected, string.Join(' ', decisions.Select(d => d.Retry ? "yes" : "no")));
        Assert.All(decisions, d => Assert.NotEmpty(d.Reason));
    }

    [Fact]
    public void Table_EveryEnd_IsInIt() => Assert.Equal(Enum.GetNames<AttemptEnd>().Order(), Table.Select(row => row.Data.Item1).Distinct().Order());

    [Fact]
    public void Decide_MeansRunOut_No()
    {
        var failed = new FailedAttempt(AttemptEnd.NotConnected);
        Assert.True(RetryPlan.Decide(Options, RetryClass.Never, failed, Means with { RetriesDone = 1 }).Retry);
        Assert.False(RetryPlan.Decide(Options, RetryClass.Safe, failed, Means with { RetriesDone = 2 }).Retry);
        Assert.False(RetryPlan.Decide(Options, RetryClass.Safe, failed, Means with { CanReplayBody = false }).Retry);
        Assert.False(RetryPlan.Decide(Options, RetryClass.Safe, failed, Means with { Left = TimeSpan.Zero }).Retry);
    }

    [Fact]
    public void Decide_IdempotentWriteResetTwice_OnlyOnce()
    {
        var failed = new FailedAttempt(AttemptEnd.ResetBeforeAnswer);
        Assert.False(RetryPlan.Decide(Options, RetryClass.IdempotentWrite, failed, Means with { RetriesDone = 1 }).Retry);
        Assert.True(RetryPlan.Decide(Options, RetryClass.Safe, failed, Means with { RetriesDone = 1 }).Retry);
    }

    [Theory]
    [InlineData(19, true)]
    [InlineData(20, false)]
    [InlineData(60, false)]
    public void Decide_RetryAfter_OnlyWithinTheDeadline(int seconds, bool expected) =>
        Assert.Equal(expected, RetryPlan.Decide(Options, RetryClass.Safe, new FailedAttempt(AttemptEnd.FailureStatus, 503, TimeSpan.FromSeconds(seconds)), Means).Retry);

    [Theory]
    [InlineData(1, 0.0, 0)]
    [InlineData(1, 0.5, 25)]
    [InlineData(2, 0.5, 50)]
    [InlineData(5, 0.5, 400)]
    [InlineData(6, 0.5, 500)]
    [InlineData(40, 0.5, 500)]
    public void Wait_Grows_UpToTheCap(int retry, double random, double milliseconds) =>
        Assert.Equal(milliseconds, Backoff.Wait(Options, retry, null, TimeSpan.FromSeconds(20), random).TotalMilliseconds, 3);

    [Fact]
    public void Wait_AskedFor_IsObeyedWithinWhatIsLeft()
    {
        Assert.Equal(TimeSpan.FromSeconds(3), Backoff.Wait(Options, 1, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(20), 0.9));
        Assert.Equal(TimeSpan.FromSeconds(2), Backoff.Wait(Options, 1, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), 0.9));
        Assert.Equal(45, Backoff.Wait(Options, 1, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(20), 0.9).TotalMilliseconds, 3);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(15, 3)]
    [InlineData(19, 3)]
    [InlineData(20, 4)]
    [InlineData(100, 20)]
    public void TryTake_ByActiveRequests_UpToTheShare(int active, int expected)
    {
        var budget = new RetryBudget(Options);
        for (var i = 0; i < active; i++) budget.Enter();
        for (var i = 0; i < expected; i++) Assert.True(budget.TryTake());
        Assert.False(budget.TryTake());
        Assert.Equal((active, expected, expected, 1), (budget.Active, budget.Retrying, budget.Taken, budget.Refused));
        budget.Return();
        Assert.True(budget.TryTake());
    }

    [Fact]
    public void TryTake_ManyThreads_NeverBeyondTheShare()
    {
        var budget = new RetryBudget(Options);
        for (var i = 0; i < 50; i++) budget.Enter();
        Parallel.For(0, 10_000, _ =>
        {
            if (!budget.TryTake()) return;
            Assert.InRange(budget.Retrying, 1, 10);
            budget.Return();
        });
        Assert.Equal((0, 10_000), (budget.Retrying, budget.Taken + budget.Refused));
        Parallel.For(0, 50, _ => budget.Leave());
        Assert.Equal(0, budget.Active);
    }

    [Fact]
    public void Left_TimePasses_CutsTheNextAttempt()
    {
        var time = new FakeTimeProvider();
        var deadline = new Deadline(new DeadlineOptions(), time);
        Assert.Equal((30, 15), (deadline.Left.TotalSeconds, deadline.NextAttempt.TotalSeconds));
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal((10, 10), (deadline.Left.TotalSeconds, deadline.NextAttempt.TotalSeconds));
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal((0, 0), (deadline.Left.TotalSeconds, deadline.NextAttempt.TotalSeconds));
    }

    [Fact]
    public void Faults_Defaults_None() => Assert.Empty(new RetryOptions().Faults().Concat(new DeadlineOptions().Faults()));

    [Fact]
    public void Faults_AcrossOptions_NameBothValues()
    {
        var deadlines = new DeadlineOptions { Attempt = TimeSpan.FromSeconds(20), Total = TimeSpan.FromSeconds(30), LoadBalancerIdle = TimeSpan.FromSeconds(30) };
        Assert.Equal(2, deadlines.Faults().Count);
        Assert.Contains(deadlines.Faults(), f => f.Contains("00:00:20", StringComparison.Ordinal) && f.Contains("00:00:30", StringComparison.Ordinal));
        var retries = new RetryOptions { MostRetries = 6, BaseWait = TimeSpan.FromSeconds(5), LongestWait = TimeSpan.FromSeconds(1), RetryingShare = 2, LeastRetrying = -1 };
        Assert.Equal(4, retries.Faults().Count);
    }
}
