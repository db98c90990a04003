using System.Collections.Concurrent;
using System.Diagnostics;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>
/// The times in which nothing ran here, told by a loop that does nothing else than look at the clock: what is measured beside it took longer by as much, and
/// through no fault of its own.
/// </summary>
internal sealed class Pauses : IAsyncDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    // Shorter ones are everyday, and what is measured has room for them.
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<(long From, long To)> _pauses = new();
    private readonly Task _watching;

    private Pauses() => _watching = Task.Run(WatchAsync);

    public static Pauses Watch() => new();

    /// <summary>How much of a time, given by two timestamps, was pause.</summary>
    public TimeSpan Between(long from, long to) => TimeSpan.FromSeconds(_pauses.Sum(pause => Math.Max(0, Math.Min(pause.To, to) - Math.Max(pause.From, from))) / (double)Stopwatch.Frequency);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        var last = Stopwatch.GetTimestamp();
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(Pace, TimeProvider.System, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var now = Stopwatch.GetTimestamp();
            if (Stopwatch.GetElapsedTime(last, now) >= Least) _pauses.Enqueue((last, now));
            last = now;
        }
    }
}
