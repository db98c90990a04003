using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>HTTP by hand over a socket: clients of the library tidy paths up before they send them, attackers don't.</summary>
internal static class RawHttp
{
    /// <summary>Sends one request as it is written, and reads the answer to its end.</summary>
    /// <param name="url">Where to connect to.</param>
    /// <param name="request">Request line and headers with <c>\n</c> between, without the empty line at the end; Host and Connection are added.</param>
    /// <param name="body">The body.</param>
    public static async Task<(int Status, string Text)> ExchangeAsync(string url, string request, string body = "")
    {
        using var socket = await ConnectAsync(url);
        var head = string.Create(CultureInfo.InvariantCulture, $"{request}\nHost: {new Uri(url).Authority}\nConnection: close\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\n\n").Replace("\n", "\r\n", StringComparison.Ordinal);
        await socket.SendAsync(Encoding.UTF8.GetBytes(head + body), SocketFlags.None, TestContext.Current.CancellationToken);
        // Who refuses a request without reading all of its body may reset the connection behind the answer.
        var answer = await RawClient.ReadAsync(socket);
        return (answer.Status, answer.Status == 0 ? answer.Head : $"{answer.Head}\r\n\r\n{answer.Body}");
    }

    public static async Task<Socket> ConnectAsync(string url)
    {
        var address = new Uri(url);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        return socket;
    }

    /// <summary>Closes with RST: what a process that crashed, or a firewall, does to a connection.</summary>
    public static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }
}
