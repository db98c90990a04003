using System.Net;
using System.Net.Sockets;

namespace Hokusai.Gateway.Health;

/// <summary>Asks one address of the upstream for its health, on a connection of its own: what is asked is the address, not the pool.</summary>
internal static class UpstreamProbe
{
    public static async Task<bool> IsHealthyAsync(Uri upstream, IPEndPoint address, TimeSpan deadline, TimeProvider time, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            // The name stays in the address, so that Host and the certificate are checked as they are for requests.
            ConnectCallback = async (_, stop) => new NetworkStream(await ConnectAsync(address, stop), ownsSocket: true),
        });
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(upstream, upstream.AbsolutePath.TrimEnd('/') + "/health"));
            using var answer = await client.SendAsync(request, either.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or SocketException)
        {
            return false;
        }
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint address, CancellationToken cancellation)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
