using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>
/// Stands between clients and a gateway. So long after a request was carried through as its header says, it cuts both sides, by closing
/// or by resetting them: the client has no answer, and the gateway learns that there is nobody to give one to.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    /// <summary>Milliseconds after which to cut; a request without it is left alone.</summary>
    public const string Header = "X-Cut-After";

    // On a busy machine the moment may be missed, and an answer be on its way; then it is let through.
    private static readonly TimeSpan TooLate = TimeSpan.FromMilliseconds(10);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Task> _running = [];
    private readonly Uri _gateway;
    private readonly Task _accepting;
    private int _cuts;

    private FaultProxy(string gateway)
    {
        _gateway = new Uri(gateway);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    /// <summary>Connections cut.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    public static FaultProxy Start(string gateway) => new(gateway);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting.InTime();
        await Task.WhenAll(_running).InTime();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(CancellationToken.None);
                _running.Add(Task.Run(() => CarryAsync(client)));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(Socket client)
    {
        using var gateway = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await gateway.ConnectAsync(_gateway.Host, _gateway.Port);
                await Task.WhenAll(UpAsync(client, gateway), DownAsync(gateway, client));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // One side is gone, or both were cut.
            }
        }
    }

    private async Task UpAsync(Socket client, Socket gateway)
    {
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await client.ReceiveAsync(buffer)) > 0)
        {
            var carried = Stopwatch.GetTimestamp();
            await gateway.SendAsync(buffer.AsMemory(0, count));
            if (CutOf(buffer.AsSpan(0, count)) is not { } wait) continue;
            await Task.Delay(wait, TimeProvider.System, CancellationToken.None);
            if (Stopwatch.GetElapsedTime(carried) > wait + TooLate) continue;
            // The client last: its next try must find the gateway told, as far as that can be.
            if (Interlocked.Increment(ref _cuts) % 2 == 0) RawServer.Reset(gateway);
            else gateway.Dispose();
            RawServer.Reset(client);
            return;
        }
        // Not closed while the other direction reads: that would be a reset, which says that an answer was not read.
        gateway.Shutdown(SocketShutdown.Send);
    }

    private static TimeSpan? CutOf(ReadOnlySpan<byte> request) =>
        Encoding.Latin1.GetString(request).Split(Header + ": ") is [_, var rest] ? TimeSpan.FromMilliseconds(int.Parse(rest.Split('\r')[0], CultureInfo.InvariantCulture)) : null;

    private static async Task DownAsync(Socket gateway, Socket client)
    {
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await gateway.ReceiveAsync(buffer)) > 0) await client.SendAsync(buffer.AsMemory(0, count));
        client.Shutdown(SocketShutdown.Send);
    }
}
