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

    public static async Task<BlackHole> OpenAsync(IPEndPoint address)
    {
        var hole = new BlackHole();
        hole._listener.Bind(address);
        hole._listener.Listen(0);
        // How many a queue takes is the kernel's to say; on loopback a connection that is taken is there at once.
        while (await hole.TakesAsync(address)) continue;
        return hole;
    }

    public void Dispose()
    {
        _queued.ForEach(static socket => socket.Dispose());
        _listener.Dispose();
    }

    private async Task<bool> TakesAsync(IPEndPoint address)
    {
        _queued.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        using var limit = new CancellationTokenSource(Usual);
        try
        {
            await _queued[^1].ConnectAsync(address, limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
