using System.Net;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Discovery;

/// <summary>Follows a name: one loop resolves it, again and again while it is used, and is the only one that changes what is known.</summary>
internal sealed class DnsAddresses : UpstreamAddresses
{
    private static readonly TimeSpan LeastSpacing = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan IdleAfter = TimeSpan.FromMinutes(5);

    private readonly string _host;
    private readonly Func<CancellationToken, Task<Resolution>> _look;
    private readonly DiscoveryOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AddressHistory _history;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Task _loop;

    private volatile Published _published;
    // A resolution is asked for or under way; whoever wants one joins it. Changed under the gate.
    private volatile bool _wanted = true;
    private TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<AddressSnapshot> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _lastFailure;
    private long _used, _began;
    private long _resolutions, _failures, _staleServed;
    private int _disposed;

    public DnsAddresses(string host, Func<CancellationToken, Task<Resolution>> look, DiscoveryOptions options, TimeProvider time, ILogger logger)
    {
        (_host, _look, _options, _time, _logger) = (host, look, options, time, logger);
        _history = new AddressHistory(options);
        _used = _began = time.GetTimestamp();
        _published = new Published(new AddressSnapshot([], time.GetUtcNow(), TimeSpan.Zero, ResolutionState.Pending, null), _used, TimeSpan.Zero);
        _loop = Task.Run(() => FollowAsync(_stop.Token));
    }

    public override AddressSnapshot Current => _published.Snapshot;

    public override string? Query => _host;

    public override string? LastFailure => _lastFailure;

    public override long Resolutions => Interlocked.Read(ref _resolutions);

    public override long Failures => Interlocked.Read(ref _failures);

    public override long StaleServed => Interlocked.Read(ref _staleServed);

    public override ValueTask<AddressSnapshot> GetAsync(CancellationToken cancellation)
    {
        Volatile.Write(ref _used, _time.GetTimestamp());
        var published = _published;
        // Due but not under way: nobody used it for a while, and the loop sleeps.
        if (!_wanted && _time.GetElapsedTime(published.At) >= published.Wait) Want();
        if (published.Snapshot.Addresses.Count == 0) return NextAsync(cancellation);
        if (published.Snapshot.State == ResolutionState.Stale)
        {
            Interlocked.Increment(ref _staleServed);
            StaleUsed?.Invoke();
        }
        return new(published.Snapshot);
    }

    public override void ReportConnectFailure(IPEndPoint address)
    {
        // A failure at an address that is known to be gone says nothing new.
        if (_wanted || !Current.Addresses.Contains(address)) return;
        if (Want()) DiscoveryLog.ResolvedAfterConnectFailure(_logger, _host, address.ToString());
    }

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _stop.CancelAsync();
        await _loop;
        lock (_gate) _next.TrySetResult(Current);
        _stop.Dispose();
    }

    private async ValueTask<AddressSnapshot> NextAsync(CancellationToken cancellation)
    {
        Task<AddressSnapshot> next;
        lock (_gate)
        {
            // That there is no address was found out just now; waiting would bring nothing else.
            if (!_wanted) return Current;
            next = _next.Task;
        }
        try
        {
            return await next.WaitAsync(_options.FirstDeadline, _time, cancellation);
        }
        catch (TimeoutException)
        {
            return Current;
        }
    }

    private bool Want()
    {
        lock (_gate)
        {
            if (_wanted) return false;
            _wanted = true;
            return _wake.TrySetResult();
        }
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        while (true)
        {
            lock (_gate) _wanted = true;
            _began = _time.GetTimestamp();
            var found = await ResolveAsync(stop);
            if (stop.IsCancellationRequested) return;
            Publish(found);
            await DueAsync(stop);
            if (stop.IsCancellationRequested) return;
        }
    }

    private async Task<Resolution> ResolveAsync(CancellationToken stop)
    {
        // Several servers and questions in turn, each with its own deadline; this one only keeps the loop from hanging for ever.
        var most = _options.QueryDeadline * 5;
        using var limit = new CancellationTokenSource(most, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        try
        {
            return await _look(either.Token).WaitAsync(either.Token);
        }
        // Whatever goes wrong here, the loop must live: without it the addresses would never be renewed.
        catch (Exception e)
        {
            return Resolution.None(LookupOutcome.Failed, null, limit.IsCancellationRequested ? $"{_host}: no answer in {most.TotalSeconds:0.#} s" : $"{_host}: {e.Message}");
        }
    }

    private void Publish(Resolution found)
    {
        Interlocked.Increment(ref _resolutions);
        if (found.Outcome != LookupOutcome.Found)
        {
            Interlocked.Increment(ref _failures);
            QuestionFailed?.Invoke(found.Outcome switch { LookupOutcome.Empty => "empty", LookupOutcome.NameUnknown => "nxdomain", _ => "other" });
        }
        if (found.Error is not null) _lastFailure = found.Error;
        var last = Current;
        var now = _time.GetUtcNow();
        var (snapshot, wait) = _history.Next(last, found, now);
        snapshot = snapshot with { Since = snapshot.State == last.State ? last.Since : now };
        TaskCompletionSource<AddressSnapshot> waiting;
        lock (_gate)
        {
            _published = new Published(snapshot, _time.GetTimestamp(), wait);
            (waiting, _next) = (_next, new TaskCompletionSource<AddressSnapshot>(TaskCreationOptions.RunContinuationsAsynchronously));
            _wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _wanted = false;
        }
        waiting.TrySetResult(snapshot);
        DiscoveryLog.Transition(_logger, _host, last, snapshot);
    }

    // Waits until the addresses are due and somebody cares, or until somebody asks; in both cases not too soon after the last time.
    private async Task DueAsync(CancellationToken stop)
    {
        var wake = _wake.Task;
        await wake.WaitAsync(_published.Wait, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!wake.IsCompleted && _time.GetElapsedTime(Volatile.Read(ref _used)) > IdleAfter)
            await wake.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var rest = LeastSpacing - _time.GetElapsedTime(_began);
        if (rest > TimeSpan.Zero) await Task.Delay(rest, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private sealed record Published(AddressSnapshot Snapshot, long At, TimeSpan Wait);
}
