using System.Net;
using System.Threading.Channels;
using Hokusai.Gateway.Discovery;
using Microsoft.Extensions.Logging;

namespace Hokusai.Tests.Gateway.Discovery;

public sealed class DnsAddressesTests : IAsyncDisposable, ILogger
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private readonly ArmedClock _clock = new();
    private readonly Channel<TaskCompletionSource<Resolution>> _questions = Channel.CreateUnbounded<TaskCompletionSource<Resolution>>();
    private readonly List<string> _log = [];
    private readonly DnsAddresses _discovery;
    private int _atOnce;
    private int _mostAtOnce;

    // A resolution may take 7 s, five times the deadline of a question; no other wait is as long, so that ArmedClock can tell them apart.
    public DnsAddressesTests() => _discovery = new DnsAddresses("mlflow.test", LookAsync, new DiscoveryOptions { QueryDeadline = TimeSpan.FromSeconds(1.4) }, _clock, this);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _discovery.DisposeAsync();

    [Fact]
    public async Task GetAsync_NothingKnown_WaitsForTheResolutionUnderWay()
    {
        Assert.Equal(ResolutionState.Pending, _discovery.Current.State);
        var question = await QuestionAsync();
        var one = GetAsync();
        var other = GetAsync();
        Assert.False(one.IsCompleted);
        question.SetResult(Found("10.0.0.1"));
        Assert.Equal("10.0.0.1:5000", Text(await one.WaitAsync(Deadline, Cancellation)));
        Assert.Same(await one, await other.WaitAsync(Deadline, Cancellation));
        Assert.True(GetAsync().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task GetAsync_NoAnswer_EndsAtItsDeadline()
    {
        await QuestionAsync();
        var waiting = GetAsync();
        await _clock.PassAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(ResolutionState.Pending, (await waiting.WaitAsync(Deadline, Cancellation)).State);
        using var client = new CancellationTokenSource();
        var gone = GetAsync(client.Token);
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone.WaitAsync(Deadline, Cancellation));
    }

    [Fact]
    public async Task GetAsync_JustFoundThatThereIsNone_DoesNotWait()
    {
        await AnswerAsync(Resolution.None(LookupOutcome.NameUnknown, null, "NXDOMAIN"));
        await _clock.ArmedAsync(TimeSpan.FromSeconds(5));
        var asked = GetAsync();
        Assert.True(asked.IsCompletedSuccessfully);
        Assert.Equal(ResolutionState.NameUnknown, (await asked).State);
        _clock.Advance(TimeSpan.FromSeconds(5));
        await AnswerAsync(Found("10.0.0.1"));
        await _clock.ArmedAsync(TimeSpan.FromSeconds(9));
        Assert.Equal("10.0.0.1:5000", Text(_discovery.Current));
    }

    [Fact]
    public async Task Loop_WhileUsed_RefreshesAtNineTenthsOfTheTtlWithoutAnyoneWaiting()
    {
        await AnswerAsync(Found("10.0.0.1"));
        for (var round = 2; round < 5; round++)
        {
            await _clock.PassAsync(TimeSpan.FromSeconds(9));
            var question = await QuestionAsync();
            var asked = GetAsync();
            Assert.True(asked.IsCompletedSuccessfully);
            Assert.Equal($"10.0.0.{round - 1}:5000", Text(await asked));
            question.SetResult(Found($"10.0.0.{round}"));
        }
        await _clock.ArmedAsync(TimeSpan.FromSeconds(9));
        Assert.Equal((4L, 0L, 0L), (_discovery.Resolutions, _discovery.Failures, _discovery.StaleServed));
    }

    [Fact]
    public async Task Loop_Unused_SleepsUntilSomebodyAsks()
    {
        await AnswerAsync(Found("10.0.0.1", 60));
        for (var round = 0; round < 5; round++)
        {
            await _clock.PassAsync(TimeSpan.FromSeconds(54));
            await AnswerAsync(Found("10.0.0.1", 60));
        }
        // 270 s without use are over; after the next wait it is more than five minutes.
        await _clock.PassAsync(TimeSpan.FromSeconds(54));
        _clock.Advance(TimeSpan.FromHours(3));
        Assert.Equal(6, _discovery.Resolutions);
        Assert.True(GetAsync().IsCompletedSuccessfully);
        await AnswerAsync(Found("10.0.0.2", 60));
        await _clock.ArmedAsync(TimeSpan.FromSeconds(54));
        Assert.Equal("10.0.0.2:5000", Text(_discovery.Current));
    }

    [Fact]
    public async Task ReportConnectFailure_ManyAtOnce_GiveOneResolutionAndNotTooSoon()
    {
        await AnswerAsync(Found("10.0.0.1"));
        await _clock.ArmedAsync(TimeSpan.FromSeconds(9));
        var address = _discovery.Current.Addresses[0];
        // An address that is known to be gone says nothing new.
        _discovery.ReportConnectFailure(new IPEndPoint(IPAddress.Parse("10.9.9.9"), 5000));
        Assert.DoesNotContain("ResolvedAfterConnectFailure", _log);
        Parallel.For(0, 50, _ => _discovery.ReportConnectFailure(address));
        await _clock.PassAsync(TimeSpan.FromMilliseconds(250));
        var question = await QuestionAsync();
        Parallel.For(0, 50, _ => _discovery.ReportConnectFailure(address));
        question.SetResult(Found("10.0.0.2"));
        await _clock.PassAsync(TimeSpan.FromSeconds(9));
        // Later than the spacing: at once.
        await AnswerAsync(Found("10.0.0.2"));
        await _clock.ArmedAsync(TimeSpan.FromSeconds(9));
        _clock.Advance(TimeSpan.FromSeconds(1));
        _discovery.ReportConnectFailure(_discovery.Current.Addresses[0]);
        await AnswerAsync(Found("10.0.0.3"));
        await _clock.ArmedAsync(TimeSpan.FromSeconds(9));
        Assert.Equal((4L, 1, "10.0.0.3:5000"), (_discovery.Resolutions, _mostAtOnce, Text(_discovery.Current)));
        Assert.Equal(2, _log.Count(name => name == "ResolvedAfterConnectFailure"));
    }

    [Fact]
    public async Task Loop_DnsFails_KeepsTheAddressesAndLogsOnceForEachChange()
    {
        await AnswerAsync(Found("10.0.0.1"));
        await _clock.PassAsync(TimeSpan.FromSeconds(9));
        foreach (var wait in (int[])[1, 2, 4, 5, 5])
        {
            await AnswerAsync(Resolution.None(LookupOutcome.Failed, null, "SERVFAIL"));
            await _clock.ArmedAsync(TimeSpan.FromSeconds(wait));
            Assert.Equal(ResolutionState.Stale, (await GetAsync()).State);
            _clock.Advance(TimeSpan.FromSeconds(wait));
        }
        await AnswerAsync(Found("10.0.0.1"));
        await _clock.ArmedAsync(TimeSpan.FromSeconds(9));
        Assert.Equal((ResolutionState.Good, 5L, 5L), (_discovery.Current.State, _discovery.Failures, _discovery.StaleServed));
        Assert.Equal(["AddressesChanged", "AddressesKept", "ResolutionRecovered"], _log);
    }

    [Fact]
    public async Task Loop_LookupThrowsOrHangs_CountsAsFailureAndGoesOn()
    {
        (await QuestionAsync()).SetException(new InvalidOperationException("odd"));
        await _clock.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal((ResolutionState.Failed, "mlflow.test: odd"), (_discovery.Current.State, _discovery.Current.LastError));
        await QuestionAsync();
        await _clock.PassAsync(TimeSpan.FromSeconds(7));
        await _clock.PassAsync(TimeSpan.FromSeconds(2));
        Assert.Contains("no answer in 7 s", _discovery.Current.LastError, StringComparison.Ordinal);
        await AnswerAsync(Found("10.0.0.1"));
        await _clock.ArmedAsync(TimeSpan.FromSeconds(9));
        Assert.Equal(ResolutionState.Good, _discovery.Current.State);
        Assert.Equal(["NoAddress", "ResolutionRecovered", "AddressesChanged"], _log);
    }

    [Fact]
    public async Task DisposeAsync_QuestionUnderWay_EndsAndLetsWaitersGo()
    {
        await QuestionAsync();
        var waiting = GetAsync();
        await _discovery.DisposeAsync().AsTask().WaitAsync(Deadline, Cancellation);
        await _discovery.DisposeAsync();
        Assert.Equal(ResolutionState.Pending, (await waiting.WaitAsync(Deadline, Cancellation)).State);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_log) _log.Add(eventId.Name!);
    }

    private static Resolution Found(string address, int ttl = 10) => new(LookupOutcome.Found, [new IPEndPoint(IPAddress.Parse(address), 5000)], TimeSpan.FromSeconds(ttl), null);

    private Task<AddressSnapshot> GetAsync(CancellationToken? cancellation = null) => _discovery.GetAsync(cancellation ?? Cancellation).AsTask();

    private static string Text(AddressSnapshot snapshot) => string.Join(' ', snapshot.Addresses);

    private Task<TaskCompletionSource<Resolution>> QuestionAsync() => _questions.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(Deadline, Cancellation);

    private async Task AnswerAsync(Resolution found) => (await QuestionAsync()).SetResult(found);

    private async Task<Resolution> LookAsync(CancellationToken cancellation)
    {
        _mostAtOnce = Math.Max(_mostAtOnce, Interlocked.Increment(ref _atOnce));
        var question = new TaskCompletionSource<Resolution>(TaskCreationOptions.RunContinuationsAsynchronously);
        _questions.Writer.TryWrite(question);
        try
        {
            return await question.Task.WaitAsync(cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _atOnce);
        }
    }
}
