using Hokusai.Gateway.Resilience;

namespace Hokusai.Gateway.Health;

/// <summary>Remembers how a dependency answered when it was last asked, and since when it is so. Whoever asks reports here.</summary>
internal sealed class DependencyWatch(string name, TimeProvider time)
{
    private readonly Lock _writing = new();
    private volatile DependencyState _state = new(name, DependencyHealth.Unknown, []);

    public bool IsDown => _state.Health == DependencyHealth.Down;

    public void Succeeded(TimeSpan latency) => Change(DependencyHealth.Up, latency, null);

    /// <summary>It serves, though not as it should.</summary>
    public void Degraded(string reason, TimeSpan? latency = null) => Change(DependencyHealth.Degraded, latency, reason);

    public void Failed(string error, TimeSpan? latency = null) => Change(DependencyHealth.Down, latency, error);

    /// <summary>The state now.</summary>
    /// <param name="addresses">Where it is.</param>
    /// <param name="breakers">Its circuit breakers by name.</param>
    public DependencyState Read(IReadOnlyList<string> addresses, IReadOnlyList<(string Name, BreakerState State)>? breakers = null) => _state with { Addresses = addresses, Breakers = breakers };

    private void Change(DependencyHealth health, TimeSpan? latency, string? error)
    {
        var now = time.GetUtcNow();
        lock (_writing)
        {
            var before = _state;
            _state = before with
            {
                Health = health,
                Latency = latency,
                LastError = error ?? before.LastError,
                Since = before.Health == health ? before.Since : now,
                LastProbe = now,
            };
        }
    }
}
