using System.Collections.Concurrent;
using System.Net;

namespace Hokusai.Gateway.Forwarding.Http1;

/// <summary>
/// The pools of all addresses of the upstream, and the choice among them: of the addresses that were not left out, the one
/// with the fewest requests. If all were left out, all are tried: an upstream that may be dead beats none.
/// </summary>
internal sealed class UpstreamPools : IAsyncDisposable
{
    private readonly ConcurrentDictionary<IPEndPoint, AddressPool> _pools = new();
    private readonly Uri _upstream;
    private readonly PoolOptions _options;
    private readonly TimeProvider _time;
    private readonly IdleWatch _watch;
    private readonly ITimer _sweep;
    // Replaced as a whole: two requests that adopt two snapshots at once must not leave one's addresses with the other's pools.
    private volatile Adopted _adopted = new([], []);
    private uint _turn;

    public UpstreamPools(Uri upstream, PoolOptions options, TimeProvider time)
    {
        _upstream = upstream;
        _options = options;
        _time = time;
        _watch = new IdleWatch(time);
        _sweep = time.CreateTimer(static state => ((UpstreamPools)state!).Sweep(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public IReadOnlyCollection<AddressPool> Current => _adopted.Pools;

    /// <summary>The pool to use for the next attempt.</summary>
    /// <param name="addresses">Where the upstream is now.</param>
    /// <param name="tried">An address that has just failed; another one is taken if there is one.</param>
    public AddressPool Choose(IReadOnlyList<IPEndPoint> addresses, string? tried)
    {
        var adopted = _adopted;
        if (!ReferenceEquals(addresses, adopted.Addresses)) _adopted = adopted = Adopt(addresses);
        var pools = adopted.Pools;
        if (pools.Length == 1) return pools[0];
        return Best(pools, pool => !pool.IsEjected && pool.Name != tried) ?? Best(pools, pool => pool.Name != tried) ?? pools[0];
    }

    /// <summary>What the health check of an address said.</summary>
    public void Note(IPEndPoint address, bool well)
    {
        if (!_pools.TryGetValue(address, out var pool)) return;
        if (well) pool.Succeeded(_time.GetTimestamp());
        else pool.Failed();
    }

    public async ValueTask DisposeAsync()
    {
        await _sweep.DisposeAsync();
        foreach (var pool in _pools.Values) pool.Dispose();
        await _watch.DisposeAsync();
    }

    private AddressPool? Best(AddressPool[] pools, Func<AddressPool, bool> usable)
    {
        AddressPool? best = null;
        // Another start each time: addresses that are equally busy take turns.
        var start = Interlocked.Increment(ref _turn);
        for (var i = 0; i < pools.Length; i++)
        {
            var pool = pools[(start + (uint)i) % (uint)pools.Length];
            if (usable(pool) && (best is null || pool.Active < best.Active)) best = pool;
        }
        return best;
    }

    // Addresses that are gone keep their pool until what runs on it has ended.
    private Adopted Adopt(IReadOnlyList<IPEndPoint> addresses) =>
        new(addresses, [.. addresses.Select(address => _pools.GetOrAdd(address, a => new AddressPool(a, _upstream, _options, _watch, _time)))]);

    private void Sweep()
    {
        var current = _adopted.Pools;
        foreach (var (address, pool) in _pools)
        {
            if (Array.IndexOf(current, pool) >= 0) pool.CloseExpired();
            else if (pool.Active == 0 && _pools.TryRemove(address, out _)) pool.Dispose();
        }
    }

    private sealed record Adopted(IReadOnlyList<IPEndPoint> Addresses, AddressPool[] Pools);
}
