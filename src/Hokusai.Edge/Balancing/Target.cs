using Hokusai.Edge.Health;

namespace Hokusai.Edge.Balancing;

/// <summary>A registered target. What it is like is changed by its group alone.</summary>
internal sealed class Target(TargetAddress address, HealthRecord health, bool founding) : IDisposable
{
    private readonly CancellationTokenSource _deregistered = new();
    private readonly CancellationTokenSource _cut = new();
    private int _outstanding;

    public TargetAddress Address => address;

    public HealthRecord Health => health;

    /// <summary>Whether it was there when its group was made: such targets have no slow start when they first become healthy.</summary>
    public bool IsFounding { get; set; } = founding;

    /// <summary>When its slow start began; null if it is in none.</summary>
    public long? SlowSince { get; set; }

    /// <summary>Requests under way.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>It was taken out of its group.</summary>
    public CancellationToken Deregistered => _deregistered.Token;

    /// <summary>What still runs is cut: the deregistration delay is over.</summary>
    public CancellationToken Cut => _cut.Token;

    /// <summary>The timer of the deregistration delay, while it runs.</summary>
    public ITimer? DrainTimer { get; set; }

    public void Begin() => Interlocked.Increment(ref _outstanding);

    /// <returns>Requests that are still under way.</returns>
    public int End() => Interlocked.Decrement(ref _outstanding);

    public void Deregister() => _deregistered.Cancel();

    public void CutOff() => _cut.Cancel();

    /// <summary>Ends the timer. The sources of the tokens are left to the collector: requests and a timer that rings at this moment may still use them.</summary>
    public void Dispose() => DrainTimer?.Dispose();
}
