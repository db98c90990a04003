namespace Hokusai.Tests.Gateway.Shield;

/// <summary>
/// A clock and a thread in one: everything that is due runs one after the other on the calling thread, and when nothing is, time jumps
/// to the next timer. The same seed gives the same course of events, however fast the machine is.
/// </summary>
internal sealed class VirtualWorld(Random random) : TimeProvider
{
    private readonly PriorityQueue<WorldTimer, (long Due, long Order)> _timers = new();
    private readonly List<(SendOrPostCallback Callback, object? State)> _due = [];
    private long _now;
    private long _order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new WorldTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Runs to the end of the task, and of what it left behind.</summary>
    public void Run(Func<Task> start)
    {
        var outside = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Context(this));
        try
        {
            var task = start();
            while (TryStep())
            {
                if (task.IsFaulted) break;
            }
            Assert.True(task.IsCompleted, "everything waits, and nothing is due");
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outside);
        }
    }

    private bool TryStep()
    {
        if (_due.Count > 0)
        {
            // Threads promise no order, so there is none here.
            var index = random.Next(_due.Count);
            var (callback, state) = _due[index];
            _due[index] = _due[^1];
            _due.RemoveAt(_due.Count - 1);
            callback(state);
            return true;
        }
        if (!_timers.TryDequeue(out var timer, out var when)) return false;
        if (timer.Due != when.Due) return true;
        _now = Math.Max(_now, when.Due);
        timer.Fire();
        return true;
    }

    private sealed class Context(VirtualWorld world) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => world._due.Add((d, state));

        public override SynchronizationContext CreateCopy() => this;
    }

    private sealed class WorldTimer(VirtualWorld world, Action fire) : ITimer
    {
        /// <summary>When it fires; -1 for never.</summary>
        public long Due { get; private set; } = -1;

        public void Fire()
        {
            Due = -1;
            fire();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime < TimeSpan.Zero ? -1 : world._now + dueTime.Ticks;
            if (Due >= 0) world._timers.Enqueue(this, (Due, world._order++));
            return true;
        }

        public void Dispose() => Due = -1;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
