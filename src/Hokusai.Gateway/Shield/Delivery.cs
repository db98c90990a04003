using System.Net.Sockets;
using Hokusai.Gateway.Connections;

namespace Hokusai.Gateway.Shield;

/// <summary>One answer on its way, see <see cref="Deliveries"/>.</summary>
internal sealed class Delivery(Deliveries deliveries, ClientConnection connection, Socket copy, TcpState before, Fingerprint fingerprint, ShieldTicket ticket)
{
    private readonly Lock _lock = new();
    private ulong _enough;
    private long _since;
    private ITimer? _timer;
    private bool _arrived;
    private bool _noMoreSigns;
    private bool _over;

    /// <summary>The answer was not written after all.</summary>
    public void Abandon() => copy.Dispose();

    /// <summary>The answer was written: from here on the ticket is told by this, and by nobody else.</summary>
    /// <param name="length">Bytes that it has at least: the system can't know of what was not given to it yet.</param>
    public void Written(int length)
    {
        ticket.LeaveOpen();
        deliveries.Add(fingerprint, this);
        lock (_lock)
        {
            _enough = before.BytesAcknowledged + (ulong)length;
            _since = deliveries.Now;
            if (!LookOnce()) _timer = deliveries.Look(Tick);
        }
        connection.WhenSigned(Sign);
    }

    /// <summary>Whether the connection has ended, and the sign that says how is still to come.</summary>
    public bool IsUnclear()
    {
        lock (_lock)
        {
            LookOnce();
            return !_over && !_noMoreSigns && TcpState.Of(copy) is { IsOver: true };
        }
    }

    private void Sign(ClientSign sign)
    {
        lock (_lock)
        {
            if (_over) return;
            LookOnce();
            switch (sign)
            {
                case ClientSign.AskedOn:
                    End(delivered: true);
                    break;
                case ClientSign.Reset:
                    End(_arrived && (HasHeardMore() || deliveries.IsLongAgo(_since)));
                    break;
                // A client that has read everything acknowledged everything with its goodbye; one that had left before did not.
                case ClientSign.SaidGoodbye:
                    End(_arrived);
                    break;
                default:
                    _noMoreSigns = true;
                    // Over without a goodbye is a reset that came while the request was still being ended, when nobody read.
                    if (_arrived) End(TcpState.Of(copy) is not { IsOver: true } || HasHeardMore() || deliveries.IsLongAgo(_since));
                    break;
            }
        }
    }

    // A next request or a goodbye, even if a reset was faster than whoever would have read it: the system counts both.
    private bool HasHeardMore() => TcpState.Of(copy)?.BytesReceived > before.BytesReceived;

    private void Tick()
    {
        lock (_lock)
        {
            if (!LookOnce() && deliveries.IsTooLong(_since)) End(delivered: false);
        }
    }

    // Whether there is nothing more to look for.
    private bool LookOnce()
    {
        if (_over || _arrived) return true;
        if (TcpState.Of(copy) is not { } state) return false;
        if (state.BytesAcknowledged >= _enough)
        {
            _arrived = true;
            Stop();
            if (_noMoreSigns) End(delivered: true);
            else ticket.Delivered();
        }
        else if (state.IsOver)
        {
            End(delivered: false);
        }
        return _over || _arrived;
    }

    private void End(bool delivered)
    {
        if (_over) return;
        _over = true;
        Stop();
        copy.Dispose();
        if (delivered) ticket.Delivered();
        else ticket.Undelivered();
        deliveries.Close(fingerprint, this);
    }

    private void Stop()
    {
        _timer?.Dispose();
        _timer = null;
    }
}
