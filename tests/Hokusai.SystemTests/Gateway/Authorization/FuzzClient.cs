using System.Net.Sockets;
using System.Text;

namespace Hokusai.SystemTests.Gateway.Authorization;

/// <summary>Sends bytes over a connection that it keeps as long as the other side does, and reads one answer to each.</summary>
internal sealed class FuzzClient(string host, int port) : IDisposable
{
    private readonly byte[] _buffer = new byte[128 * 1024];
    private Socket? _socket;
    private int _count;

    /// <summary>Sends a request.</summary>
    /// <param name="request">Its bytes.</param>
    /// <param name="isHead">Whether the answer has no body.</param>
    /// <param name="last">Whether the connection is to end after it.</param>
    /// <returns>The answer's status and bytes; 0 where the connection ended without one.</returns>
    public async Task<(int Status, string Text)> SendAsync(byte[] request, bool isHead, bool last)
    {
        _socket ??= await ConnectAsync();
        try
        {
            await _socket.SendAsync(request);
            var answer = await ReadAsync(isHead);
            if (last) Close();
            return answer;
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            Close();
            return (0, "");
        }
    }

    public void Dispose() => Close();

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(host, port);
        _count = 0;
        return socket;
    }

    private async Task<(int, string)> ReadAsync(bool isHead)
    {
        while (true)
        {
            var text = Encoding.Latin1.GetString(_buffer, 0, _count);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                var status = int.Parse(text.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture);
                var head = text[..end];
                if (status == 100)
                {
                    Skip(end + 4);
                    continue;
                }
                var length = isHead || status is 204 or 304 ? 0 : LengthOf(head);
                // Chunks are read no further than to see that they came: the connection begins anew.
                if (length < 0 || head.Contains("Connection: close", StringComparison.OrdinalIgnoreCase))
                {
                    Close();
                    return (status, text);
                }
                if (_count >= end + 4 + length)
                {
                    Skip(end + 4 + length);
                    // What follows an answer nobody asked for: two requests were read where one was sent.
                    if (_count > 0) Close();
                    return (status, text);
                }
            }
            var received = await _socket!.ReceiveAsync(_buffer.AsMemory(_count)).AsTask().WaitAsync(TimeSpan.FromSeconds(5));
            if (received > 0)
            {
                _count += received;
                continue;
            }
            Close();
            return text.Length > 12 ? (int.Parse(text.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture), text) : (0, "");
        }
    }

    private void Skip(int bytes)
    {
        _buffer.AsSpan(bytes, _count - bytes).CopyTo(_buffer);
        _count -= bytes;
    }

    private static int LengthOf(string head)
    {
        const string Name = "\r\nContent-Length: ";
        var at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return -1;
        var rest = head[(at + Name.Length)..];
        var end = rest.IndexOf('\r', StringComparison.Ordinal);
        return int.Parse(end < 0 ? rest : rest[..end], System.Globalization.CultureInfo.InvariantCulture);
    }

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
        _count = 0;
    }
}
