using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Gateway.Discovery;

/// <summary>A clock that a test moves, and that tells when somebody waits for it: moving it before that would be a race.</summary>
internal sealed class ArmedClock : FakeTimeProvider
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private readonly Channel<TimeSpan> _armed = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime != Timeout.InfiniteTimeSpan) _armed.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Waits until somebody waits for exactly this long; timers armed before it are forgotten.</summary>
    public async Task ArmedAsync(TimeSpan due)
    {
        using var limit = new CancellationTokenSource(Deadline);
        var seen = new List<TimeSpan>();
        try
        {
            while (true)
            {
                var armed = await _armed.Reader.ReadAsync(limit.Token);
                seen.Add(armed);
                if (armed == due) return;
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"nobody waits for {due}; timers: {string.Join(", ", seen)}");
        }
    }

    /// <summary>Waits until somebody waits for this long, then lets that time pass.</summary>
    public async Task PassAsync(TimeSpan due)
    {
        await ArmedAsync(due);
        Advance(due);
    }
}
