using Hokusai.Gateway.Resilience;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Gateway.Resilience;

public sealed class CircuitBreakerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CircuitBreaker _breaker;

    public CircuitBreakerTests() => _breaker = new CircuitBreaker("metadata", new CircuitBreakerOptions(), _time, NullLogger.Instance);

    [Fact]
    public void Record_FewerCallsThanLeast_StaysClosed()
    {
        Fail(7);
        Assert.Equal(BreakerState.Closed, _breaker.State);
        Fail(1);
        Assert.Equal(BreakerState.Open, _breaker.State);
    }

    [Fact]
    public void Record_FailuresBelowRatio_StaysClosed()
    {
        Succeed(11);
        Fail(10);
        Assert.Equal(BreakerState.Closed, _breaker.State);
        Fail(1);
        Assert.Equal(BreakerState.Open, _breaker.State);
        Assert.Contains("11 of 22", _breaker.Reason, StringComparison.Ordinal);
        Assert.Contains("refused", _breaker.Reason, StringComparison.Ordinal);
        Assert.Equal(_time.GetUtcNow(), _breaker.OpenedAt);
    }

    [Fact]
    public void Record_FailuresSlideOutOfTheWindow_NoLongerCount()
    {
        Fail(7);
        _time.Advance(TimeSpan.FromSeconds(10));
        Fail(1);
        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    [Fact]
    public void Record_FailuresSpreadOverTheWindow_Open()
    {
        for (var i = 0; i < 8; i++)
        {
            Fail(1);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(BreakerState.Open, _breaker.State);
    }

    [Fact]
    public void TryEnter_Open_RefusesUntilTheTimeIsOver()
    {
        Fail(8);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.False(_breaker.TryEnter(out var retryAfter, out var isProbe));
        Assert.Equal(TimeSpan.FromSeconds(1.5), retryAfter);
        Assert.False(isProbe);
    }

    [Fact]
    public void TryEnter_HalfOpen_LetsOneThrough()
    {
        Fail(8);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_breaker.TryEnter(out _, out var isProbe));
        Assert.True(isProbe);
        Assert.False(_breaker.TryEnter(out var retryAfter, out _));
        Assert.InRange(retryAfter, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(2));
        Assert.Equal(BreakerState.HalfOpen, _breaker.State);
    }

    [Fact]
    public void Record_ProbesFail_GrowsToTheCapAndResetsAfterSuccess()
    {
        Fail(8);
        foreach (var seconds in (int[])[2, 4, 8, 16, 30, 30])
        {
            Assert.False(_breaker.TryEnter(out var retryAfter, out _));
            Assert.Equal(seconds, retryAfter.TotalSeconds, 3);
            Probe(retryAfter, success: false);
        }
        Probe(TimeSpan.FromSeconds(30), success: true);
        Assert.Equal(BreakerState.Closed, _breaker.State);
        Assert.Null(_breaker.OpenedAt);
        Assert.Null(_breaker.Reason);
        Fail(8);
        Assert.False(_breaker.TryEnter(out var again, out _));
        Assert.Equal(2, again.TotalSeconds, 3);
    }

    [Fact]
    public void Record_CallsFromBeforeItOpened_AreIgnored()
    {
        Fail(8);
        _breaker.Record(success: true, wasProbe: false);
        Assert.Equal(BreakerState.Open, _breaker.State);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_breaker.TryEnter(out _, out _));
        _breaker.Record(success: false, wasProbe: false);
        Assert.Equal(BreakerState.HalfOpen, _breaker.State);
    }

    [Fact]
    public void TryEnter_ProbeNeverRecorded_NextOneProbesAfterTheDeadline()
    {
        Fail(8);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_breaker.TryEnter(out _, out _));
        _time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.False(_breaker.TryEnter(out _, out _));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(_breaker.TryEnter(out _, out var isProbe));
        Assert.True(isProbe);
    }

    [Fact]
    public void Abandon_Probe_NextOneProbesAtOnce()
    {
        Fail(8);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_breaker.TryEnter(out _, out var first));
        _breaker.Abandon(first);
        Assert.True(_breaker.TryEnter(out _, out var second));
        Assert.True(second);
    }

    [Fact]
    public void Hasten_WhileAProbeIsOut_LetsAnotherThroughAndForgetsTheGrowth()
    {
        Fail(8);
        Probe(TimeSpan.FromSeconds(2), success: false);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.True(_breaker.TryEnter(out _, out var stale));

        _breaker.Hasten();
        _breaker.Record(success: false, stale);

        Probe(TimeSpan.Zero, success: false);
        Probe(TimeSpan.FromSeconds(4), success: true);
        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    [Fact]
    public void Hasten_Closed_ChangesNothing()
    {
        _breaker.Hasten();
        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    [Fact]
    public void TryEnterAndRecord_Closed_AllocateNothing()
    {
        for (var i = 0; i < 1000; i++) Call();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Call();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Call()
        {
            _breaker.TryEnter(out _, out var isProbe);
            _breaker.Record(success: true, isProbe);
        }
    }

    [Fact]
    public void TryEnter_ManyThreadsAtTheEndOfTheBreak_OneProbes()
    {
        Fail(8);
        _time.Advance(TimeSpan.FromSeconds(2));
        var entered = 0;
        Parallel.For(0, 1000, _ =>
        {
            if (_breaker.TryEnter(out var _, out var _)) Interlocked.Increment(ref entered);
        });
        Assert.Equal(1, entered);
    }

    private void Probe(TimeSpan after, bool success)
    {
        _time.Advance(after);
        Assert.True(_breaker.TryEnter(out _, out var isProbe));
        Assert.True(isProbe);
        _breaker.Record(success, isProbe);
    }

    private void Fail(int times) => Repeat(times, success: false);

    private void Succeed(int times) => Repeat(times, success: true);

    private void Repeat(int times, bool success)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.True(_breaker.TryEnter(out _, out var isProbe));
            _breaker.Record(success, isProbe, success ? null : "refused");
        }
    }
}
