using Hokusai.Gateway.Connections;
using Microsoft.AspNetCore.Connections;

namespace Hokusai.Gateway.Shield;

/// <summary>
/// Follows the answers to creates after they were written, until it is known whether they arrived. "Written" only means that this machine's
/// system has them: a client that gave up in that moment, or a proxy between that resets, has them no more than one that left before.
/// </summary>
/// <remarks>
/// 1. The other side's system has acknowledged all of it: delivered, as far as is known.
/// 2. The client's next request on the connection, or its goodbye with everything acknowledged: delivered, for good.
/// 3. A reset before 2 within <see cref="SoonAfter"/>, a goodbye without 1, or nothing acknowledged for <see cref="LongestWait"/>: not delivered, even after 1.
/// An equal create that enters while this is open asks first (<see cref="IsUnclear"/>): the system knows of a reset before anyone who waits for it.
/// </remarks>
internal sealed class Deliveries(TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);

    // Who gives up does so soon; later it is an idle connection that somebody ends.
    private static readonly TimeSpan SoonAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<Fingerprint, List<Delivery>> _open = [];

    /// <summary>Begins to follow an answer, before it is written; null where nothing can be followed, and "written" must do.</summary>
    /// <param name="connection">Its connection.</param>
    /// <param name="fingerprint">Of its request.</param>
    /// <param name="ticket">Of its request.</param>
    /// <exception cref="ConnectionAbortedException">The connection has been closed already, though nobody has said so yet.</exception>
    public Delivery? Begin(ClientConnection? connection, Fingerprint fingerprint, ShieldTicket ticket)
    {
        if (connection is not { CanBeAsked: true }) return null;
        var copy = connection.Copy() ?? throw new ConnectionAbortedException("the client's connection is closed");
        if (TcpState.Of(copy) is { } before) return new Delivery(this, connection, copy, before, fingerprint, ticket);
        copy.Dispose();
        return null;
    }

    /// <summary>Whether the connection of an equal create's answer has ended, and it is not known yet how.</summary>
    public bool IsUnclear(Fingerprint fingerprint)
    {
        Delivery[] equal;
        lock (_lock)
        {
            if (!_open.TryGetValue(fingerprint, out var list)) return false;
            equal = [.. list];
        }
        return Array.Exists(equal, static delivery => delivery.IsUnclear());
    }

    /// <summary>A timer that looks every few milliseconds.</summary>
    public ITimer Look(Action look) => time.CreateTimer(static state => ((Action)state!)(), look, LookEvery, LookEvery);

    /// <summary>The time to compare with in <see cref="IsTooLong"/> and <see cref="IsLongAgo"/>.</summary>
    public long Now => time.GetTimestamp();

    public bool IsTooLong(long since) => time.GetElapsedTime(since) >= LongestWait;

    public bool IsLongAgo(long since) => time.GetElapsedTime(since) >= SoonAfter;

    public void Add(Fingerprint fingerprint, Delivery delivery)
    {
        lock (_lock)
        {
            if (!_open.TryGetValue(fingerprint, out var list)) _open[fingerprint] = list = [];
            list.Add(delivery);
        }
    }

    public void Close(Fingerprint fingerprint, Delivery delivery)
    {
        lock (_lock)
        {
            if (!_open.TryGetValue(fingerprint, out var list)) return;
            list.Remove(delivery);
            if (list.Count == 0) _open.Remove(fingerprint);
        }
    }
}
