using System.Threading.Channels;
using Hokusai.Contracts.Routing;
using Hokusai.Edge.Balancing;
using Hokusai.Edge.Health;

namespace Hokusai.Tests.Edge.Health;

/// <summary>When checks are made, on a clock that is put forward by hand.</summary>
public sealed class HealthChecksTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly Groups _groups = new();
    private readonly Channel<TaskCompletionSource<CheckOutcome>> _asked = Channel.CreateUnbounded<TaskCompletionSource<CheckOutcome>>();

    [Fact]
    public async Task Begin_NewTarget_IsCheckedAtOnceAndThenAtTheInterval()
    {
        var group = _groups.Of(1);
        await using var checks = new HealthChecks(AskAsync, _groups.Time);
        checks.Begin(group, group.Registered[0]);

        await AnswerAsync(CheckOutcome.Good, takes: TimeSpan.FromSeconds(4));
        Assert.Equal(TargetState.Healthy, Assert.Single(group.Health).State);
        // 4 s went into the answer; the next check comes 10 s after the first all the same.
        _groups.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(_asked.Reader.TryPeek(out _));
        _groups.Time.Advance(TimeSpan.FromSeconds(1));
        await AnswerAsync(CheckOutcome.Timeout);
        Assert.Equal(TargetState.Healthy, Assert.Single(group.Health).State);
        _groups.Time.Advance(TimeSpan.FromSeconds(10));
        await AnswerAsync(CheckOutcome.Timeout);

        Assert.Equal((TargetState.Unhealthy, "Target.Timeout"), (Assert.Single(group.Health).State, Assert.Single(group.Health).Reason));
    }

    [Fact]
    public async Task Begin_UnusedOrUncheckedGroup_IsNotAsked()
    {
        var unused = _groups.Of(1, used: false);
        var bare = _groups.Of(1, new TargetGroup { Name = "bare", Port = 80 });
        await using var checks = new HealthChecks(AskAsync, _groups.Time);

        checks.Begin(unused, unused.Registered[0]);
        checks.Begin(bare, bare.Registered[0]);
        _groups.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.False(_asked.Reader.TryPeek(out _));
        Assert.Equal([TargetState.Unused, TargetState.Unavailable], unused.Health.Concat(bare.Health).Select(h => h.State));
    }

    [Fact]
    public async Task Deregister_Target_EndsItsChecks()
    {
        var group = _groups.Of(1);
        await using var checks = new HealthChecks(AskAsync, _groups.Time);
        checks.Begin(group, group.Registered[0]);
        await AnswerAsync(CheckOutcome.Good);

        group.Deregister(Groups.Address("a"));
        _groups.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.False(_asked.Reader.TryPeek(out _));
    }

    private async Task<CheckOutcome> AskAsync(TargetAddress target, HealthCheck check, CancellationToken cancellation)
    {
        var answer = new TaskCompletionSource<CheckOutcome>();
        await _asked.Writer.WriteAsync(answer, cancellation);
        return await answer.Task.WaitAsync(cancellation);
    }

    // Completes the check on this thread, so that what follows from it is done when this returns.
    private async Task AnswerAsync(CheckOutcome outcome, TimeSpan takes = default)
    {
        var asked = await _asked.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Deadline, TestContext.Current.CancellationToken);
        _groups.Time.Advance(takes);
        asked.SetResult(outcome);
    }
}
