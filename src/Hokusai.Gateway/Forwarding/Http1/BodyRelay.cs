using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using Hokusai.Gateway.Connections;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Forwarding.Http1;

/// <summary>
/// Carries bodies through without keeping them: what one side does not take, the other is not asked for. Silence is limited in
/// each direction for itself, so a slow line is no fault as long as it moves.
/// </summary>
internal static class BodyRelay
{
    private const int Piece = 64 * 1024;

    /// <summary>Sends the client's body to the upstream as it comes.</summary>
    /// <param name="request">The client's request.</param>
    /// <param name="body">What is known of its body.</param>
    /// <param name="connection">Where to.</param>
    /// <param name="silence">How long the client may say nothing.</param>
    /// <returns>How many bytes the body had.</returns>
    /// <exception cref="BadHttpRequestException">It is larger than it may be, or broken.</exception>
    public static async Task<long> SendAsync(HttpRequest request, RequestBody body, UpstreamConnection connection, TimeSpan silence)
    {
        LargeBlocks.OfProcess.Begin();
        try
        {
            return await CarryAsync(request, body, connection, silence);
        }
        finally
        {
            LargeBlocks.OfProcess.End();
        }
    }

    private static async Task<long> CarryAsync(HttpRequest request, RequestBody body, UpstreamConnection connection, TimeSpan silence)
    {
        var reader = request.BodyReader;
        var chunked = body.Length < 0;
        body.IsBegun = true;
        UnreadBody.Begin(request.HttpContext);
        while (true)
        {
            connection.LimitClientSilence(silence, request.HttpContext);
            var read = await ReadAsync(reader);
            try
            {
                if (read.IsCanceled) return body.Carried;
                if (read.Buffer.Length > body.Most - body.Carried) throw RequestBody.TooLarge(body.Most);
                if (body.Meter is { } meter && !await meter.TryPassAsync(read.Buffer.Length)) throw meter.Refusal(read.Buffer.Length, Progress.Sent);
                connection.LimitSilence(silence);
                body.Carried += await SendPiecesAsync(connection, read.Buffer, chunked, silence);
            }
            finally
            {
                // Whatever happens, the read is ended: an open one keeps Kestrel from taking the rest of the body off the connection.
                reader.AdvanceTo(read.Buffer.End);
            }
            if (read.IsCompleted) break;
        }
        if (chunked) await connection.SendAsync(LastChunk);
        return body.Carried;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<ReadResult> ReadAsync(PipeReader reader)
    {
        try
        {
            return await reader.ReadAsync();
        }
        catch (IOException e) when (RequestBody.IsUnreadable(e))
        {
            // The client's doing: told as what it is, nobody waits for the upstream to answer half a body.
            throw RequestBody.Unreadable(e);
        }
    }

    private static async ValueTask<long> SendPiecesAsync(UpstreamConnection connection, ReadOnlySequence<byte> pieces, bool chunked, TimeSpan silence)
    {
        foreach (var piece in pieces)
        {
            if (piece.IsEmpty) continue;
            if (chunked) await connection.SendAsync(Encoding.ASCII.GetBytes(piece.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
            await connection.SendAsync(piece);
            if (chunked) await connection.SendAsync(LineEnd);
            connection.LimitSilence(silence);
        }
        return pieces.Length;
    }

    /// <summary>Carries the upstream's body to the client, or into memory, as it comes.</summary>
    /// <returns>How many bytes the body had.</returns>
    public static ValueTask<long> ReceiveAsync(UpstreamConnection connection, AnswerSink sink, TimeSpan silence) => connection.Response.Framing switch
    {
        Framing.None => new ValueTask<long>(0L),
        Framing.Chunks => ReceiveChunksAsync(connection, sink, silence),
        Framing.Length => ReceiveLengthAsync(connection, sink, connection.Response.Length, silence),
        _ => ReceiveUntilCloseAsync(connection, sink, silence),
    };

    private static readonly byte[] LineEnd = "\r\n"u8.ToArray();
    private static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<long> ReceiveLengthAsync(UpstreamConnection connection, AnswerSink sink, long length, TimeSpan silence)
    {
        var writer = sink.Writer;
        var left = length - WriteUnread(connection, writer, length);
        if (left == 0)
        {
            // Everything was there with the head: one flush, no wait.
            await FlushAsync(sink, connection, silence);
            return length;
        }
        while (left > 0)
        {
            await FlushAsync(sink, connection, silence);
            connection.LimitSilence(silence);
            var memory = writer.GetMemory(Piece);
            var received = await connection.ReceiveIntoAsync(memory.Length > left ? memory[..(int)left] : memory);
            if (received == 0) throw new UpstreamFailure(FailurePlace.UpstreamReset, Progress.AnswerBegun, $"{connection.Address} closed {left} bytes before the end of its answer.");
            writer.Advance(received);
            left -= received;
        }
        await FlushAsync(sink, connection, silence);
        return length;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<long> ReceiveUntilCloseAsync(UpstreamConnection connection, AnswerSink sink, TimeSpan silence)
    {
        var writer = sink.Writer;
        var total = WriteUnread(connection, writer, long.MaxValue);
        while (true)
        {
            await FlushAsync(sink, connection, silence);
            connection.LimitSilence(silence);
            var received = await connection.ReceiveIntoAsync(writer.GetMemory(Piece));
            if (received == 0) return total;
            writer.Advance(received);
            total += received;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<long> ReceiveChunksAsync(UpstreamConnection connection, AnswerSink sink, TimeSpan silence)
    {
        var total = 0L;
        while (true)
        {
            var size = await ReadChunkSizeAsync(connection, silence);
            if (size == 0) break;
            await ReceiveLengthAsync(connection, sink, size, silence);
            await SkipLineAsync(connection, silence, mustBeEmpty: true);
            total += size;
        }
        // Trailers end here: an intermediary may drop them (RFC 9110 section 6.5.1), and HTTP/1.1 clients do not ask for them.
        while (!await SkipLineAsync(connection, silence, mustBeEmpty: false))
        {
        }
        await FlushAsync(sink, connection, silence);
        return total;
    }

    private static async ValueTask<long> ReadChunkSizeAsync(UpstreamConnection connection, TimeSpan silence)
    {
        var end = await FindLineAsync(connection, silence);
        var size = ParseSize(connection.Unread[..end]);
        connection.Consume(end + 2);
        return size;
    }

    private static long ParseSize(ReadOnlySpan<byte> line)
    {
        var extension = line.IndexOf((byte)';');
        var digits = (extension < 0 ? line : line[..extension]).Trim(" \t"u8);
        return digits.Length is > 0 and <= 15 && long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size)
            ? size
            : throw ResponseReader.Malformed("a chunk's size can't be read");
    }

    private static async ValueTask<bool> SkipLineAsync(UpstreamConnection connection, TimeSpan silence, bool mustBeEmpty)
    {
        var end = await FindLineAsync(connection, silence);
        if (mustBeEmpty && end != 0) throw ResponseReader.Malformed("a chunk is longer than its size");
        connection.Consume(end + 2);
        return end == 0;
    }

    private static async ValueTask<int> FindLineAsync(UpstreamConnection connection, TimeSpan silence)
    {
        while (true)
        {
            var end = connection.Unread.IndexOf("\r\n"u8);
            if (end >= 0) return end;
            connection.LimitSilence(silence);
            if (!connection.Received(await connection.ReceiveMoreAsync())) throw new UpstreamFailure(FailurePlace.UpstreamReset, Progress.AnswerBegun, $"{connection.Address} closed in the middle of a chunk.");
        }
    }

    private static long WriteUnread(UpstreamConnection connection, PipeWriter writer, long most)
    {
        var unread = connection.Unread;
        if (unread.Length > most) unread = unread[..(int)most];
        if (unread.IsEmpty) return 0;
        writer.Write(unread);
        connection.Consume(unread.Length);
        return unread.Length;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask FlushAsync(AnswerSink sink, UpstreamConnection connection, TimeSpan silence)
    {
        var flush = sink.Writer.FlushAsync();
        FlushResult flushed;
        if (flush.IsCompletedSuccessfully)
        {
            flushed = flush.Result;
        }
        else
        {
            // While the client does not take, the upstream is not to blame for its silence.
            if (sink.Client is not null) connection.LimitClientSilence(silence, sink.Client);
            flushed = await flush;
            connection.LimitSilence(silence);
        }
        if (flushed.IsCanceled || flushed.IsCompleted) throw new UpstreamFailure(FailurePlace.ClientGone, Progress.AnswerBegun);
    }
}

/// <summary>Where an answer's body goes: to a client, who may be slow, or into memory.</summary>
internal readonly record struct AnswerSink(PipeWriter Writer, HttpContext? Client);
