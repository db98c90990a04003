using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway.Endurance;

/// <summary>
/// An upstream that costs little, so that what is measured is the gateway: it gives artifacts of the <see cref="Pattern"/>, checks those
/// that it gets, and answers <c>{}</c> to anything else. The number of an artifact's file is its name.
/// </summary>
internal static class RawMlflow
{
    public const string Artifacts = "/api/2.0/mlflow-artifacts/artifacts/";

    private static readonly byte[] Small = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");

    /// <summary>Starts it.</summary>
    /// <param name="length">Length of the artifacts that it gives.</param>
    /// <param name="misbehave">May do something else with a request, by its target and connection; true if it did, the connection is closed then.</param>
    public static RawServer Start(Func<long> length, Func<string, Socket, Task<bool>>? misbehave = null) => RawServer.Start(socket => ServeAsync(socket, length, misbehave));

    /// <summary>Reads one head and what came with it.</summary>
    /// <returns>The head, and how many bytes after it stand at the buffer's beginning; no head if the other side is through.</returns>
    public static async Task<(string? Head, int More)> ReadHeadAsync(Socket socket, byte[] buffer)
    {
        var filled = 0;
        while (true)
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(filled));
            if (count == 0) return (null, 0);
            filled += count;
            if (buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8) is var end and >= 0)
            {
                var head = Encoding.Latin1.GetString(buffer, 0, end + 2);
                buffer.AsSpan(end + 4, filled - end - 4).CopyTo(buffer);
                return (head, filled - end - 4);
            }
        }
    }

    public static long LengthOf(string head) => head.Split("\r\nContent-Length: ") is [_, var rest] ? long.Parse(rest.Split('\r')[0], CultureInfo.InvariantCulture) : 0;

    public static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes)..];
    }

    /// <summary>Sends a file.</summary>
    public static async Task SendFileAsync(Socket socket, int file, long length)
    {
        for (long sent = 0; sent < length;)
        {
            var part = Pattern.At(file, sent, length - sent);
            await SendAsync(socket, part);
            sent += part.Length;
        }
    }

    /// <summary>Reads a file, of which the beginning may be in the buffer already.</summary>
    /// <returns>Whether each byte was right.</returns>
    public static async Task<bool> ReceiveFileAsync(Socket socket, int file, long length, byte[] buffer, int filled)
    {
        var right = true;
        for (long received = 0; ;)
        {
            right &= received + filled <= length && Pattern.Is(file, received, buffer.AsSpan(0, filled));
            received += filled;
            if (received >= length) return right;
            if ((filled = await socket.ReceiveAsync(buffer)) == 0) return false;
        }
    }

    private static async Task ServeAsync(Socket socket, Func<long> length, Func<string, Socket, Task<bool>>? misbehave)
    {
        socket.NoDelay = true;
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            while (await ReadHeadAsync(socket, buffer) is ({ } head, var rest))
            {
                var words = head.Split(' ', 3);
                if (misbehave is not null && await misbehave(words[1], socket)) return;
                if (!words[1].StartsWith(Artifacts, StringComparison.Ordinal))
                {
                    for (long left = LengthOf(head) - rest; left > 0;) left -= await socket.ReceiveAsync(buffer);
                    await socket.SendAsync(Small);
                    continue;
                }
                var file = int.Parse(words[1][Artifacts.Length..], CultureInfo.InvariantCulture);
                if (words[0] == "PUT")
                {
                    var right = await ReceiveFileAsync(socket, file, LengthOf(head), buffer, rest);
                    await socket.SendAsync(right ? Small : "HTTP/1.1 400 Differs\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                    continue;
                }
                await socket.SendAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {length()}\r\n\r\n")));
                await SendFileAsync(socket, file, length());
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
