using System.Net.Sockets;

namespace Hokusai.Gateway.Connections;

/// <summary>What the system knows of a connection: more than any read or write tells.</summary>
/// <param name="IsOver">It has ended on both sides: by a reset, or after both said goodbye.</param>
/// <param name="AllAcknowledged">The other side's system has taken every byte that was given to ours.</param>
/// <param name="BytesAcknowledged">How many bytes it has taken since the connection was made.</param>
/// <param name="BytesReceived">How many bytes came from it, read or not: a reset drops what nobody has read yet, but not this count.</param>
/// <remarks>Source: Linux, <c>struct tcp_info</c> in <c>linux/tcp.h</c> (since 4.6); its layout is part of the system's interface and only grows at the end.</remarks>
internal readonly record struct TcpState(bool IsOver, bool AllAcknowledged, ulong BytesAcknowledged, ulong BytesReceived)
{
    private const int LevelTcp = 6;
    private const int OptionInfo = 11;
    private const int StateClosed = 7;
    private const int UnacknowledgedAt = 24;
    private const int BytesAcknowledgedAt = 120;
    private const int BytesReceivedAt = 128;
    private const int NotSentAt = 144;
    private const int Needed = 148;

    /// <summary>Asks the system; null where it does not tell, or if the socket is closed on this side.</summary>
    public static TcpState? Of(Socket socket)
    {
        if (!OperatingSystem.IsLinux()) return null;
        Span<byte> info = stackalloc byte[Needed];
        try
        {
            if (socket.GetRawSocketOption(LevelTcp, OptionInfo, info) < Needed) return null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
        var unsent = BitConverter.ToUInt32(info[NotSentAt..]);
        return new TcpState(info[0] == StateClosed, BitConverter.ToUInt32(info[UnacknowledgedAt..]) == 0 && unsent == 0, BitConverter.ToUInt64(info[BytesAcknowledgedAt..]), BitConverter.ToUInt64(info[BytesReceivedAt..]));
    }
}
