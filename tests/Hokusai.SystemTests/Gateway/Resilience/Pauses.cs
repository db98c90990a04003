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

    // A thread of its own: work of the gateway that holds up the thread pool is no pause of the machine.
    private Pauses() => _watching = Task.Factory.StartNew(Watching, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public static Pauses Watch() => new();

    /// <summary>How much of a time, given by two timestamps, was pause.</summary>
    public TimeSpan Between(long from, long to) => TimeSpan.FromSeconds(_pauses.Sum(pause => Math.Max(0, Math.Min(pause.To, to) - Math.Max(pause.From, from))) / (double)Stopwatch.Frequency);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private void Watching()
    {
        var last = Stopwatch.GetTimestamp();
        while (!_stop.Token.WaitHandle.WaitOne(Pace))
        {
            var now = Stopwatch.GetTimestamp();
            if (Stopwatch.GetElapsedTime(last, now) >= Least) _pauses.Enqueue((last, now));
            last = now;
        }
    }
}
