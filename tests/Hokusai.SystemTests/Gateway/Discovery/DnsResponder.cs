using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Hokusai.SystemTests.Gateway.Discovery;

/// <summary>A DNS server on loopback, over UDP and TCP, that says what the test wants. What nobody scripted has no records.</summary>
internal sealed class DnsResponder : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<(string Name, ushort Type), WireAnswer> _answers = [];
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly Socket _udp;
    private readonly TcpListener _tcp;
    private readonly Task _serving;

    public DnsResponder()
    {
        (_udp, _tcp) = Bind();
        _serving = Task.WhenAll(Task.Run(ServeUdpAsync), Task.Run(ServeTcpAsync));
    }

    public string Address => _tcp.LocalEndpoint.ToString()!;

    /// <summary>What was asked, as <c>udp 1 name</c>.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    public void Script(string name, ushort type, WireAnswer answer) => _answers[(name, type)] = answer;

    /// <summary>The same answer to A and AAAA.</summary>
    public void Script(string name, WireAnswer answer)
    {
        Script(name, DnsWire.A, answer);
        Script(name, DnsWire.Aaaa, answer);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _tcp.Dispose();
        _udp.Dispose();
        await _serving.WaitAsync(TimeSpan.FromSeconds(10));
        _stop.Dispose();
    }

    // Both protocols must share a port, and a port that is free for one may be taken for the other.
    private static (Socket Udp, TcpListener Tcp) Bind()
    {
        for (var attempt = 0; ; attempt++)
        {
            var tcp = new TcpListener(IPAddress.Loopback, 0);
            tcp.Start();
            var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                udp.Bind(tcp.LocalEndpoint);
                return (udp, tcp);
            }
            catch (SocketException) when (attempt < 20)
            {
                udp.Dispose();
                tcp.Dispose();
            }
        }
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[4096];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var got = await _udp.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                if (Answer("udp", buffer.AsSpan(0, got.ReceivedBytes)) is { } answer) await _udp.SendToAsync(answer, SocketFlags.None, got.RemoteEndPoint, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // A client that is gone, or the end.
            }
        }
    }

    private async Task ServeTcpAsync()
    {
        var clients = new List<Task>();
        try
        {
            // The listener is closed by another thread, so it may be gone between two calls.
            while (!_stop.IsCancellationRequested)
            {
                var client = await _tcp.AcceptTcpClientAsync(_stop.Token);
                clients.Add(Task.Run(() => ServeClientAsync(client)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Stopped.
        }
        await Task.WhenAll(clients);
    }

    private async Task ServeClientAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var length = new byte[2];
                while (true)
                {
                    await stream.ReadExactlyAsync(length, _stop.Token);
                    var question = new byte[(length[0] << 8) | length[1]];
                    await stream.ReadExactlyAsync(question, _stop.Token);
                    if (Answer("tcp", question) is { } answer) await stream.WriteAsync((byte[])[.. DnsWire.Number((ushort)answer.Length), .. answer], _stop.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // A client that is gone, or the end.
            }
        }
    }

    private byte[]? Answer(string protocol, ReadOnlySpan<byte> question)
    {
        var (name, type, end) = DnsWire.ReadQuestion(question);
        _asked.Enqueue($"{protocol} {type} {name}");
        var answer = _answers.GetValueOrDefault((name, type), new WireAnswer());
        return answer.Silent ? null : DnsWire.Write(question, end, answer, answer.Truncated && protocol == "udp");
    }
}
