using Hokusai.Gateway.Discovery;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Limits;
using Hokusai.Gateway.Resilience;
using Hokusai.Gateway.Shield;

namespace Hokusai.Gateway.Health;

/// <summary>How each thing that the gateway depends on is now. Asks nobody: what it shows is what requests and probes met.</summary>
internal sealed class GatewayDependencies(GatewayOptions options, UpstreamHealth upstream, DependencyWatch auth, UpstreamAddresses addresses, SharedShieldStore? redis, LimitRedis? limits, Breakers breakers)
{
    /// <summary>Each dependency, in the order in which they are shown. DNS and Redis only where they are used.</summary>
    public IReadOnlyList<Func<DependencyState>> All { get; } =
    [
        () => upstream.Watch.Read([.. addresses.Current.Addresses.Select(a => a.ToString())]).With(breakers.Metadata, breakers.Artifacts),
        () => auth.Read([options.AuthService]).With(breakers.Auth),
        .. addresses.Query is { } query ? (Func<DependencyState>[])[() => Dns(query, addresses)] : [],
        .. redis is not null ? (Func<DependencyState>[])[() => Redis(redis, limits)] : [],
    ];

    private static DependencyState Dns(string query, UpstreamAddresses addresses)
    {
        var known = addresses.Current;
        var health = known.State switch
        {
            ResolutionState.Pending => DependencyHealth.Unknown,
            ResolutionState.Good => DependencyHealth.Up,
            ResolutionState.Stale => DependencyHealth.Degraded,
            _ => DependencyHealth.Down,
        };
        return new DependencyState("dns", health, [.. known.Addresses.Select(a => a.ToString())], LastError: addresses.LastFailure, Since: known.Since)
        {
            Lookup = new DnsLookup(query, known.Addresses.Count > 0 ? known.ResolvedAt : null, known.Ttl),
        };
    }

    // Connected and yet left alone: it did not answer in time, or nothing was created, or no key limited, since it came back.
    private static DependencyState Redis(SharedShieldStore store, LimitRedis? limits)
    {
        var health = !store.IsConnected ? DependencyHealth.Down : store.IsAway || limits is { IsAway: true } ? DependencyHealth.Degraded : DependencyHealth.Up;
        var loss = limits?.LastLoss is { } of && (store.LastLoss is null || of.At > store.LastLoss.At) ? of : store.LastLoss;
        return new DependencyState("redis", health, store.Endpoints, LastError: loss?.Reason, Since: health == DependencyHealth.Up ? null : loss?.At);
    }
}

/// <summary>Adds what is known of a dependency's breakers.</summary>
internal static class DependencyBreakers
{
    public static DependencyState With(this DependencyState state, params CircuitBreaker[] breakers) => state with
    {
        Breakers = [.. breakers.Select(b => (b.Name, b.State))],
        OpenBreakers = [.. breakers.Where(b => b.Opening is not null).Select(b => (b.Name, b.Opening!))],
    };
}
