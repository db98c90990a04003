using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>A server at the level of sockets, for what a well-behaved HTTP server can't be made to do.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly Func<Socket, Task> _serve;
    private readonly Task _loop;

    private RawServer(Func<Socket, Task> serve, string scheme = "http")
    {
        _serve = serve;
        _listener.Start();
        Url = $"{scheme}://{_listener.LocalEndpoint}";
        _loop = AcceptAsync();
    }

    public string Url { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="serve">Serves a connection, which is closed after it.</param>
    public static RawServer Start(Func<Socket, Task> serve) => new(serve);

    /// <summary>Starts a server that speaks TLS, with a certificate that has expired and that nobody knows.</summary>
    /// <param name="serve">Serves a connection, which is closed after it.</param>
    public static RawServer StartTls(Func<SslStream, Task> serve) => new(
        async socket =>
        {
            using var key = ECDsa.Create();
            using var certificate = new CertificateRequest("CN=nobody", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
            await using var tls = new SslStream(new NetworkStream(socket));
            await tls.AuthenticateAsServerAsync(certificate);
            await serve(tls);
        },
        "https");

    /// <summary>Reads a request's head, then sends a text and closes.</summary>
    public static RawServer Saying(string text) => Start(async socket =>
    {
        await ReadHeadAsync(socket);
        await socket.SendAsync(Encoding.Latin1.GetBytes(text));
        socket.Shutdown(SocketShutdown.Send);
        // What is still unread would turn the close into a reset.
        while (await socket.ReceiveAsync(new byte[4096]) > 0) continue;
    });

    /// <summary>Reads a request's head, then resets the connection.</summary>
    public static RawServer Resetting() => Start(async socket =>
    {
        await ReadHeadAsync(socket);
        Reset(socket);
    });

    /// <summary>A port that is taken, so that nobody else gets it, and refuses every connection.</summary>
    public static Socket Refusing(out string url)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        url = $"http://{socket.LocalEndPoint}";
        return socket;
    }

    public static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(enable: true, 0);
        socket.Close();
    }

    public static Task<string> ReadHeadAsync(Socket socket) => ReadHeadAsync(buffer => socket.ReceiveAsync(buffer));

    public static Task<string> ReadHeadAsync(Stream stream) => ReadHeadAsync(buffer => stream.ReadAsync(buffer));

    private static async Task<string> ReadHeadAsync(Func<Memory<byte>, ValueTask<int>> receive)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await receive(one) > 0) head.Append((char)one[0]);
        return head.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop.InTime();
        await Task.WhenAll(_running).InTime();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _running.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var ended = _stop.Token.Register(socket.Dispose);
        using (socket)
        {
            try
            {
                await _serve(socket);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
            {
                // The other side went away, which many scripts are about.
            }
        }
    }
}
