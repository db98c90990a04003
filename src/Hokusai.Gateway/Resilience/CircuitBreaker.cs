using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Resilience;

/// <summary>What a breaker does with calls. The numbers are the metric's values.</summary>
internal enum BreakerState : byte
{
    /// <summary>All calls go through.</summary>
    Closed = 0,

    /// <summary>One call goes through, to see whether it's over; the others wait for its end.</summary>
    HalfOpen = 1,

    /// <summary>No call goes through.</summary>
    Open = 2,
}

/// <summary>Since when and why a breaker is not closed.</summary>
internal sealed record BreakerOpening(DateTimeOffset Since, string Reason);

/// <summary>
/// Keeps calls away from what fails most of them, and lets one through from time to time to see whether that is over.
/// What counts as a failure is the caller's to say: an answer with a 4xx status is none.
/// </summary>
/// <remarks>
/// 1. Closed: calls are counted over a sliding window; enough of them failing opens it for <see cref="CircuitBreakerOptions.OpenFor"/>.
/// 2. Open: calls are refused until the time is over; results of calls that began earlier don't count.
/// 3. Half-open: the first caller is the probe. Its success closes the breaker and forgets the growth, its failure opens it for twice as long.
///    A probe that gives no result within its deadline loses its turn to the next caller.
/// </remarks>
internal sealed class CircuitBreaker(string name, CircuitBreakerOptions options, TimeProvider time, ILogger logger, Action<string>? opened = null)
{
    private readonly Lock _lock = new();
    private readonly CallWindow _window = new(options.Window, time);
    private volatile BreakerState _state;
    private TimeSpan _openFor = options.OpenFor;
    private long _until;
    private bool _probing;

    public string Name => name;

    public BreakerState State => _state;

    /// <summary>When it opened; null while it is closed.</summary>
    public DateTimeOffset? OpenedAt { get; private set; }

    /// <summary>Why it opened; null while it is closed.</summary>
    public string? Reason { get; private set; }

    /// <summary>Since when and why it is not closed; null while it is.</summary>
    public BreakerOpening? Opening
    {
        get
        {
            lock (_lock) return OpenedAt is { } since ? new BreakerOpening(since, Reason!) : null;
        }
    }

    /// <summary>Asks for passage. Whoever gets it says with <see cref="Record"/> how it ended, or with <see cref="Abandon"/> that it can't say.</summary>
    /// <param name="retryAfter">If refused: after which time asking again makes sense.</param>
    /// <param name="isProbe">Whether this call decides if the breaker closes.</param>
    public bool TryEnter(out TimeSpan retryAfter, out bool isProbe)
    {
        (retryAfter, isProbe) = (TimeSpan.Zero, false);
        return _state == BreakerState.Closed || TryProbe(out retryAfter, out isProbe);
    }

    /// <summary>Says how a call ended.</summary>
    /// <param name="success">Whether the other side worked, even if it refused the request.</param>
    /// <param name="wasProbe">What <see cref="TryEnter"/> said.</param>
    /// <param name="reason">What failed, for display.</param>
    public void Record(bool success, bool wasProbe, string? reason = null)
    {
        lock (_lock)
        {
            switch (_state)
            {
                case BreakerState.Closed:
                    _window.Add(success);
                    if (!success) OpenIfTooMany(reason);
                    break;
                case BreakerState.HalfOpen when wasProbe && success:
                    Close();
                    break;
                case BreakerState.HalfOpen when wasProbe:
                    _openFor = TimeSpan.FromTicks(Math.Min(_openFor.Ticks * 2, options.LongestOpen.Ticks));
                    Open($"the probe failed: {reason ?? "no reason given"}");
                    break;
                default:
                    // Calls that began before it opened tell nothing new.
                    break;
            }
        }
    }

    /// <summary>Says that a call ended without telling anything about the other side: its client went away. The next caller may probe.</summary>
    public void Abandon(bool wasProbe)
    {
        if (!wasProbe) return;
        lock (_lock)
        {
            if (_state == BreakerState.HalfOpen) _probing = false;
        }
    }

    /// <summary>
    /// Says that the other side seems to be back: unless it is closed, the next caller probes, and the time that grew while it was away begins
    /// anew. A probe that is out was sent to what was dead, and may wait long for an answer that never comes.
    /// </summary>
    public void Hasten()
    {
        lock (_lock)
        {
            if (_state == BreakerState.Closed) return;
            (_state, _probing, _openFor) = (BreakerState.Open, false, options.OpenFor);
            _until = time.GetTimestamp();
        }
    }

    private bool TryProbe(out TimeSpan retryAfter, out bool isProbe)
    {
        lock (_lock)
        {
            (retryAfter, isProbe) = (TimeSpan.Zero, false);
            if (_state == BreakerState.Closed) return true;
            var left = time.GetElapsedTime(time.GetTimestamp(), _until);
            if (left > TimeSpan.Zero && (_state == BreakerState.Open || _probing))
            {
                // A probe usually ends long before its deadline; asking again after the shortest break is soon enough.
                retryAfter = _state == BreakerState.Open || left < options.OpenFor ? left : options.OpenFor;
                return false;
            }
            (_state, _probing, isProbe) = (BreakerState.HalfOpen, true, true);
            _until = Deadline(options.ProbeDeadline);
            Log.BreakerProbing(logger, name);
            return true;
        }
    }

    private void OpenIfTooMany(string? reason)
    {
        var (calls, failures) = _window.Sum();
        if (calls < options.LeastCalls || failures < calls * options.FailureRatio) return;
        Open($"{failures} of {calls} calls failed within {options.Window.TotalSeconds:0.#} s, the last one: {reason ?? "no reason given"}");
    }

    private void Open(string reason)
    {
        OpenedAt ??= time.GetUtcNow();
        Reason = reason;
        _probing = false;
        _until = Deadline(_openFor);
        _window.Clear();
        _state = BreakerState.Open;
        opened?.Invoke(name);
        Log.BreakerOpened(logger, name, _openFor.TotalSeconds, reason);
    }

    private void Close()
    {
        Log.BreakerClosed(logger, name, (time.GetUtcNow() - OpenedAt).GetValueOrDefault().TotalSeconds);
        (OpenedAt, Reason, _probing) = (null, null, false);
        _openFor = options.OpenFor;
        _state = BreakerState.Closed;
    }

    private long Deadline(TimeSpan length) => time.GetTimestamp() + (long)(length.TotalSeconds * time.TimestampFrequency);
}
