using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hokusai.Edge.Forwarding;

/// <summary>The pooled connections to targets.</summary>
internal static class TargetConnections
{
    // AWS: a target has 10 s to accept a connection, and as long for the TLS handshake.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    // AWS: more than 32K of response headers is a 502.
    private const int LargestResponseHead = 32;

    // The pool lets go of a connection before its idle timeout would, so that no request goes into one that is about to end.
    private const double PoolShare = 0.9;

    public static HttpMessageInvoker Create(TimeSpan idle, TimeProvider time) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        // As the listener reads them: header bytes beyond ASCII pass as they are.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        MaxResponseHeadersLength = LargestResponseHead,
        // The connection's own limits are below; this one is for the handshake, whose timer the library has.
        ConnectTimeout = ConnectTimeout * 2,
        PooledConnectionIdleTimeout = idle * PoolShare,
        SslOptions = TargetTls.Unchecked,
        ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, idle, time, cancellation),
        PlaintextStreamFilter = AskOnce,
    });

    /// <summary>Has each request go out once, whatever the target makes of it.</summary>
    public static ValueTask<Stream> AskOnce(SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancellation) => ValueTask.FromResult<Stream>(new AskedOnceStream(context.PlaintextStream));

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, TimeSpan idle, TimeProvider time, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = new CancellationTokenSource(ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            await socket.ConnectAsync(target, either.Token);
            return new TargetStream(socket, idle, time);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            socket.Dispose();
            throw new IOException("not connected in time", new TimeoutException($"{target.Host}:{target.Port} accepted no connection within {ConnectTimeout}"));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
