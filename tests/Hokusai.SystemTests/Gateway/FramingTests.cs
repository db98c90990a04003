using System.Net.Sockets;
using System.Text;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway;

/// <summary>Framing on the wire, both ways: chunks with extensions and trailers, bodies that are only announced, ranges, 100-continue.</summary>
public sealed class FramingTests
{
    private const string Write = "/api/2.0/mlflow/runs/log-metric";
    private const string Artifact = "/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/model.bin";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

    // RFC 9110 section 6.5.1: an intermediary that does not know a trailer's field may drop it, and none of MLflow's endpoints has any.
    [Theory(Timeout = Deadlines.Test)]
    [InlineData("POST", Write)]
    [InlineData("PUT", Artifact)]
    public async Task Forward_ChunksWithExtensionsAndTrailers_ArriveAsTheBodyAlone(string method, string path)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = Upstream(async (socket, head) =>
        {
            seen.SetResult(head + await ReadUntilAsync(socket, "\r\n0\r\n\r\n"));
            await SendAsync(socket, Ok);
        });
        await using var hop = await GatewayHop.StartAsync(configure: o => o with { Upstream = upstream.Url });

        var answer = await RawClient.SendTextAsync(hop.Url, $"{Head(hop, method, path)}Connection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Checksum\r\nTE: trailers\r\n\r\n4;name=value;quoted=\"a b\"\r\n{{\"a\"\r\n3;x\r\n:1}}\r\n0;last\r\nX-Checksum: abc\r\nX-Hokusai-User-Id: root\r\nContent-Length: 5\r\n\r\n");

        Assert.Equal((200, "{}"), (answer.Status, answer.Body));
        var request = (await seen.Task.InTime()).Split("\r\n\r\n", 2);
        Assert.Equal("{\"a\":1}", Unchunked(request[1]));
        foreach (var dropped in (string[])["Trailer", "TE:", "X-Checksum", "root", "Content-Length", "quoted"]) Assert.DoesNotContain(dropped, string.Join("\r\n\r\n", request), StringComparison.Ordinal);
        Assert.Contains("Transfer-Encoding: chunked", request[0], StringComparison.Ordinal);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("4;x=1\r\nabcd\r\n0\r\nX-Checksum: abc\r\nX-Other: 1\r\n\r\n")]
    [InlineData("2\r\nab\r\n0002\r\ncd\r\n000\r\n\r\n")]
    [InlineData("4 ;a;b=\"c\"\r\nabcd\r\n0;end\r\n\r\n")]
    public async Task Receive_ChunkedAnswerWithExtensionsAndTrailers_IsTheBodyAloneAndTheConnectionGoesOn(string chunks)
    {
        var connections = 0;
        await using var upstream = Upstream(async (socket, head) =>
        {
            Interlocked.Increment(ref connections);
            for (; head.Length > 0; head = await RawServer.ReadHeadAsync(socket)) await SendAsync(socket, $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Checksum\r\nX-Mark: 1\r\n\r\n{chunks}");
        });
        // Idle connections are closed after seconds, which may lie between two of the requests.
        await using var hop = await GatewayHop.StartAsync(configure: o => o with { Upstream = upstream.Url, Pool = o.Pool with { IdleLifetime = TimeSpan.FromMinutes(5), ConnectionLifetime = TimeSpan.FromMinutes(5) } });

        for (var i = 0; i < 3; i++)
        {
            var raw = await RawClient.SendTextAsync(hop.Url, $"{Head(hop, "GET", Artifact)}Connection: close\r\n\r\n");
            Assert.Equal((200, "abcd"), (raw.Status, Unchunked(raw.Body)));
            Assert.Contains("X-Mark: 1", raw.Head, StringComparison.Ordinal);
            foreach (var dropped in (string[])["Trailer", "X-Checksum", "X-Other"]) Assert.DoesNotContain(dropped, raw.Head + raw.Body, StringComparison.Ordinal);
        }
        Assert.Equal(1, connections);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("Content-Length: 1234\r\n", "Content-Length: 1234")]
    [InlineData("Transfer-Encoding: chunked\r\n", null)]
    public async Task Receive_AnswerToHead_HasItsFieldsAndNoBody(string framing, string? length)
    {
        await using var upstream = Upstream((socket, _) => SendAsync(socket, $"HTTP/1.1 200 OK\r\n{framing}ETag: \"e\"\r\n\r\n"));
        await using var hop = await GatewayHop.StartAsync(configure: o => o with { Upstream = upstream.Url });

        var answer = await RawClient.SendTextAsync(hop.Url, $"{Head(hop, "HEAD", Artifact)}Connection: close\r\n\r\n");

        Assert.Equal((200, ""), (answer.Status, answer.Body));
        Assert.Contains("ETag: \"e\"", answer.Head, StringComparison.Ordinal);
        if (length is not null) Assert.Contains(length, answer.Head, StringComparison.Ordinal);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("206 Partial Content", "bytes 1-3/10", "bcd")]
    [InlineData("416 Range Not Satisfiable", "bytes */10", "")]
    [InlineData("304 Not Modified", "bytes */10", "")]
    public async Task Receive_AnswerToARange_PassesUnchanged(string status, string range, string body)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = Upstream(async (socket, head) =>
        {
            seen.TrySetResult(head);
            await SendAsync(socket, $"HTTP/1.1 {status}\r\nContent-Range: {range}\r\nAccept-Ranges: bytes\r\n{(status[0] == '3' ? "" : $"Content-Length: {body.Length}\r\n")}\r\n{body}");
        });
        await using var hop = await GatewayHop.StartAsync(configure: o => o with { Upstream = upstream.Url });

        var answer = await RawClient.SendTextAsync(hop.Url, $"{Head(hop, "GET", Artifact)}Connection: close\r\nRange: bytes=1-3\r\nIf-Range: \"e\"\r\n\r\n");

        Assert.Equal((int.Parse(status.AsSpan(0, 3), System.Globalization.CultureInfo.InvariantCulture), body), (answer.Status, answer.Body));
        foreach (var field in (string[])[$"Content-Range: {range}", "Accept-Ranges: bytes"]) Assert.Contains(field, answer.Head, StringComparison.Ordinal);
        foreach (var field in (string[])["Range: bytes=1-3", "If-Range: \"e\""]) Assert.Contains(field, await seen.Task.InTime(), StringComparison.Ordinal);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("POST", Write)]
    [InlineData("PUT", Artifact)]
    public async Task Continue_BodyIsWanted_IsAskedForAndForwarded(string method, string path)
    {
        await using var hop = await GatewayHop.StartAsync();
        using var socket = await RawClient.ConnectAsync(hop.Url);

        await SendAsync(socket, $"{Head(hop, method, path)}Content-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await ReadUntilAsync(socket, "\r\n\r\n"));
        await SendAsync(socket, "body");

        Assert.StartsWith("HTTP/1.1 200", await ReadUntilAsync(socket, "\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal("body"u8.ToArray(), hop.Upstream.Only.Body);
        Assert.Null(hop.Upstream.Only.Header("Expect"));
    }

    // The client has sent nothing of its body and learns at once that nobody wants it.
    [Theory(Timeout = Deadlines.Test)]
    [InlineData("417 Expectation Failed")]
    [InlineData("413 Payload Too Large")]
    [InlineData("401 Unauthorized")]
    public async Task Continue_UpstreamRefusesBeforeTheBody_IsToldAtOnce(string status)
    {
        await using var upstream = Upstream((socket, _) => SendAsync(socket, $"HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"));
        await using var hop = await GatewayHop.StartAsync(configure: o => o with { Upstream = upstream.Url });
        using var socket = await RawClient.ConnectAsync(hop.Url);

        await SendAsync(socket, $"{Head(hop, "PUT", Artifact)}Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
        var answer = await ReadUntilAsync(socket, "\r\n\r\nno");

        Assert.Contains($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("401", "X-Nothing: 1", "10")]
    [InlineData("413", "Authorization", "20000000")]
    public async Task Continue_GatewayRefusesBeforeTheBody_AsksForNone(string status, string field, string length)
    {
        await using var hop = await GatewayHop.StartAsync();
        using var socket = await RawClient.ConnectAsync(hop.Url);

        await SendAsync(socket, $"POST {Write} HTTP/1.1\r\nHost: h\r\n{(field == "Authorization" ? $"Authorization: Bearer {hop.Key}" : field)}\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status}", await ReadUntilAsync(socket, "\r\n\r\n{"), StringComparison.Ordinal);
        Assert.Empty(hop.Upstream.Requests);
    }

    private static string Head(GatewayHop hop, string method, string path) => $"{method} {path} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {hop.Key}\r\n";

    // Reads the head of a request, answers, and leaves the closing to the other side: what is unread would turn it into a reset. Health checks,
    // which come every few seconds, are not the script's.
    private static RawServer Upstream(Func<Socket, string, Task> answer) => RawServer.Start(async socket =>
    {
        var head = await RawServer.ReadHeadAsync(socket);
        await (head.StartsWith("GET /health ", StringComparison.Ordinal) ? SendAsync(socket, Ok) : answer(socket, head));
        socket.Shutdown(SocketShutdown.Send);
        while (await socket.ReceiveAsync(new byte[4096]) > 0) continue;
    });

    private static async Task SendAsync(Socket socket, string text) => await socket.SendAsync(Encoding.Latin1.GetBytes(text)).InTime();

    private static async Task<string> ReadUntilAsync(Socket socket, string end)
    {
        var text = "";
        var buffer = new byte[16 * 1024];
        int count;
        while (!text.Contains(end, StringComparison.Ordinal) && (count = await socket.ReceiveAsync(buffer).InTime()) > 0) text += Encoding.Latin1.GetString(buffer, 0, count);
        return text;
    }

    private static string Unchunked(string text)
    {
        var body = "";
        while (true)
        {
            var end = text.IndexOf("\r\n", StringComparison.Ordinal);
            var size = Convert.ToInt32(text[..end], 16);
            if (size == 0) return text == "0\r\n\r\n" ? body : throw new InvalidDataException($"behind the last chunk: {text}");
            body += text.Substring(end + 2, size);
            text = text[(end + 2 + size + 2)..];
        }
    }
}
