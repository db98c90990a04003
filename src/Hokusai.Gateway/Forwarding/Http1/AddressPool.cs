using System.Net;
using System.Runtime.CompilerServices;

namespace Hokusai.Gateway.Forwarding.Http1;

/// <summary>The connections to one address, and how the address has behaved lately.</summary>
internal sealed class AddressPool(IPEndPoint address, Uri upstream, PoolOptions options, IdleWatch watch, TimeProvider time) : IDisposable
{
    // Below this an idle connection is looked at only for what can't be sent again: the other side hardly closes what it has just answered on.
    private static readonly TimeSpan TrustedIdle = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly Stack<UpstreamConnection> _idle = new();
    private bool _closed;
    private int _active;
    private int _failures;
    private long _failedAt;
    private long _ejectedUntil;

    public IPEndPoint Address => address;

    /// <summary>The address as text, made once.</summary>
    public string Name { get; } = address.ToString();

    /// <summary>Requests that run on it now.</summary>
    public int Active => Volatile.Read(ref _active);

    public int Idle
    {
        get
        {
            lock (_gate) return _idle.Count;
        }
    }

    /// <summary>Connect failures and resets in a row.</summary>
    public int Failures => Volatile.Read(ref _failures);

    public bool IsEjected => Volatile.Read(ref _ejectedUntil) > time.GetTimestamp();

    /// <summary>A connection to use: the one that was idle for the shortest time, or a new one.</summary>
    /// <param name="fresh">Whether only a new one will do.</param>
    /// <param name="once">Whether the request can't be sent again, so that an idle connection must be looked at however short it was idle.</param>
    /// <exception cref="UpstreamFailure">It can't be connected to.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<UpstreamConnection> RentAsync(bool fresh, bool once)
    {
        Interlocked.Increment(ref _active);
        try
        {
            return (fresh ? null : TakeIdle(once)) ?? await UpstreamConnection.OpenAsync(address, upstream, options.ConnectDeadline, watch, time);
        }
        catch
        {
            Interlocked.Decrement(ref _active);
            throw;
        }
    }

    /// <summary>Gives a connection back, to be used again or closed.</summary>
    public void Return(UpstreamConnection connection, bool reusable)
    {
        Interlocked.Decrement(ref _active);
        connection.LimitSilence(TimeSpan.Zero);
        var now = time.GetTimestamp();
        if (reusable && connection.Unread.IsEmpty && time.GetElapsedTime(connection.OpenedAt, now) < options.ConnectionLifetime)
        {
            connection.Reused = true;
            connection.IdleSince = now;
            lock (_gate)
            {
                if (!_closed && _idle.Count < options.MostIdle)
                {
                    _idle.Push(connection);
                    return;
                }
            }
        }
        connection.Dispose();
    }

    /// <summary>It answered.</summary>
    /// <param name="opened">When the connection was opened. A task that drains goes on answering on old ones and takes no new one, so only what was opened since the last failure shows that it is over.</param>
    public void Succeeded(long opened)
    {
        if (Volatile.Read(ref _failures) == 0 || opened <= Volatile.Read(ref _failedAt)) return;
        Volatile.Write(ref _failures, 0);
        Volatile.Write(ref _ejectedUntil, 0);
    }

    /// <summary>Leaves the address out for a while that grows with each failure in a row.</summary>
    public void Failed()
    {
        var failures = Interlocked.Increment(ref _failures);
        var seconds = Math.Min(options.FirstEjection.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 16)), options.LongestEjection.TotalSeconds);
        var now = time.GetTimestamp();
        Volatile.Write(ref _failedAt, now);
        Volatile.Write(ref _ejectedUntil, now + (long)(seconds * time.TimestampFrequency));
        // What is idle to an address that fails is most likely dead too.
        CloseIdle();
    }

    /// <summary>Closes all idle connections: one of them turned out to be dead, so the others may be too.</summary>
    public void CloseIdle() => CloseIdle(static _ => true);

    /// <summary>Closes connections that were idle for too long.</summary>
    public void CloseExpired() => CloseIdle(connection => time.GetElapsedTime(connection.IdleSince) >= options.IdleLifetime);

    public void Dispose()
    {
        lock (_gate) _closed = true;
        CloseIdle();
    }

    private UpstreamConnection? TakeIdle(bool once)
    {
        while (true)
        {
            UpstreamConnection? connection;
            lock (_gate)
            {
                if (!_idle.TryPop(out connection)) return null;
            }
            var idle = time.GetElapsedTime(connection.IdleSince);
            if ((!once && idle < TrustedIdle) || (idle < options.IdleLifetime && !connection.IsStale())) return connection;
            connection.Dispose();
        }
    }

    private void CloseIdle(Func<UpstreamConnection, bool> which)
    {
        List<UpstreamConnection> closing;
        lock (_gate)
        {
            closing = [.. _idle.Where(which)];
            if (closing.Count == 0) return;
            var kept = _idle.Except(closing).Reverse().ToList();
            _idle.Clear();
            kept.ForEach(_idle.Push);
        }
        closing.ForEach(static connection => connection.Dispose());
    }
}
