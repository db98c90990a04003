using System.Net;
using System.Net.Sockets;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>A port where packets vanish: its queue of connections is full and nobody takes one, so the kernel drops what comes.</summary>
internal sealed class BlackHole : IDisposable
{
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(500);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _queued = [];

    private BlackHole()
    {
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Opens one.</summary>
    /// <param name="address">Where; port 0 takes a free one.</param>
    public static Task<BlackHole> OpenAsync(IPEndPoint address) => Task.Run(() =>
    {
        var hole = new BlackHole();
        hole._listener.Bind(address);
        hole._listener.Listen(0);
        // How many a queue takes is the kernel's to say; on loopback a connection that is taken is there at once.
        while (hole.Takes()) continue;
        return hole;
    }, TestContext.Current.CancellationToken);

    public void Dispose()
    {
        _queued.ForEach(static socket => socket.Dispose());
        _listener.Dispose();
    }

    // The kernel is asked, and looks once more when the time is over: a process that stood still meanwhile takes nothing for full that is not.
    private bool Takes()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        _queued.Add(socket);
        try
        {
            socket.Connect(Address);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            return socket.Poll(Usual, SelectMode.SelectWrite);
        }
    }
}
