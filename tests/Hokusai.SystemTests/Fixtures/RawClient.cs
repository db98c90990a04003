using System.Net.Sockets;
using System.Text;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>An answer as it came over the wire.</summary>
/// <param name="Status">Status code; 0 if there was no answer.</param>
/// <param name="Head">Status line and headers.</param>
/// <param name="Body">What followed, as Latin-1, chunk sizes included.</param>
internal sealed record RawAnswer(int Status, string Head, string Body);

/// <summary>A client at the level of sockets: what it is given is what is sent, byte for byte.</summary>
internal static class RawClient
{
    private const int MostSends = 3;

    /// <summary>Sends one request and reads until the connection ends.</summary>
    /// <param name="url">Where to; its path has no meaning.</param>
    /// <param name="requestLine">For example <c>GET /a%2Fb HTTP/1.1</c>.</param>
    /// <param name="headers">Lines beside Host and Connection.</param>
    public static Task<RawAnswer> SendAsync(string url, string requestLine, params string[] headers)
    {
        var lines = headers.Any(h => h.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)) ? headers : [$"Host: {new Uri(url).Authority}", .. headers];
        if (!lines.Any(h => h.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase))) lines = [.. lines, "Connection: close"];
        return SendTextAsync(url, $"{requestLine}\r\n{string.Join("\r\n", lines)}\r\n\r\n");
    }

    /// <summary>Sends a text as it is and reads until the connection ends.</summary>
    public static async Task<RawAnswer> SendTextAsync(string url, string text)
    {
        using var client = await ConnectAsync(url);
        try
        {
            await client.SendAsync(Encoding.Latin1.GetBytes(text)).InTime();
        }
        catch (SocketException)
        {
            // Who is refused before all was sent may find the connection closed; the answer is there to be read.
        }
        return await ReadAsync(client);
    }

    /// <summary>
    /// The same, to a server that ends silent connections after a second. Where this machine stood still between connecting and sending,
    /// the connection was ended without an answer, as it must be, and the request is sent again.
    /// </summary>
    public static async Task<RawAnswer> SendInTimeAsync(Func<Task<RawAnswer>> sendAsync)
    {
        for (var sent = 1; ; sent++)
        {
            if (await sendAsync() is var answer && (answer.Status > 0 || sent == MostSends)) return answer;
        }
    }

    public static async Task<Socket> ConnectAsync(string url)
    {
        var address = new Uri(url);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port).InTime();
        return socket;
    }

    /// <summary>Reads until the connection ends.</summary>
    public static async Task<RawAnswer> ReadAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        try
        {
            int count;
            while ((count = await socket.ReceiveAsync(buffer).InTime()) > 0) text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        catch (SocketException)
        {
            // A reset ends an answer too.
        }
        var (head, body) = text.ToString().Split("\r\n\r\n", 2) is [var h, var b] ? (h, b) : (text.ToString(), "");
        return new RawAnswer(head.Split(' ') is [_, var status, ..] ? int.Parse(status.AsSpan(0, 3), System.Globalization.CultureInfo.InvariantCulture) : 0, head, body);
    }
}
