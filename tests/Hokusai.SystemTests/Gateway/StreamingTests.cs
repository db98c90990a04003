using System.Net;
using System.Net.Sockets;
using System.Text;
using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Gateway;

/// <summary>Bodies on their way through the gateway, and what happens when one side stops.</summary>
public sealed class StreamingTests
{
    // More than what any hop gathers before it sends.
    private const int Part = 64 * 1024;
    private const string Artifact = "/api/mlflow/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/model.bin";

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Upload_FirstBytes_ArriveBeforeTheLastAreSent(bool chunked)
    {
        var first = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var rest = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hop = await GatewayHop.StartAsync(async http =>
        {
            // Of the last few KiB some may wait for more.
            var buffer = new byte[Part / 2];
            await http.Request.Body.ReadExactlyAsync(buffer, http.RequestAborted);
            first.SetResult(Encoding.ASCII.GetString(buffer));
            using var reader = new StreamReader(http.Request.Body);
            rest.SetResult(await reader.ReadToEndAsync(http.RequestAborted));
            await ScriptedServer.WriteAsync(http, 200, "{}");
        });
        using var socket = await RawClient.ConnectAsync(hop.Url);
        var part = new string('x', Part);

        await SendAsync(socket, Head(hop, chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {Part + 5}") + (chunked ? $"{Part:x}\r\n{part}\r\n" : part));
        Assert.Equal(part[..(Part / 2)], await first.Task.InTime());
        Assert.False(rest.Task.IsCompleted);
        await SendAsync(socket, chunked ? "5\r\n last\r\n0\r\n\r\n" : " last");

        Assert.Equal(part[(Part / 2)..] + " last", await rest.Task.InTime());
        Assert.StartsWith("HTTP/1.1 200", await ReceiveAsync(socket), StringComparison.Ordinal);
        var seen = hop.Upstream.Only;
        Assert.Equal(chunked ? (null, "chunked") : ($"{Part + 5}", null), (seen.Header("Content-Length"), seen.Header("Transfer-Encoding")));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Download_FirstBytes_ArriveBeforeTheLastAreSent(bool chunked)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hop = await GatewayHop.StartAsync(async http =>
        {
            if (!chunked) http.Response.ContentLength = 10;
            await http.Response.WriteAsync("first", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await release.Task;
            await http.Response.WriteAsync(" last", http.RequestAborted);
        });

        using var answer = await hop.Client().GetAsync(new Uri(Artifact, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[5];
        await body.ReadExactlyAsync(buffer, TestContext.Current.CancellationToken).AsTask().InTime();
        Assert.Equal("first", Encoding.ASCII.GetString(buffer));
        release.SetResult();
        await body.ReadExactlyAsync(buffer, TestContext.Current.CancellationToken).AsTask().InTime();

        Assert.Equal(" last", Encoding.ASCII.GetString(buffer));
        Assert.Equal(chunked ? null : 10, answer.Content.Headers.ContentLength);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Upload_ClientGoesAway_UpstreamsRequestIsAborted()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hop = await GatewayHop.StartAsync(async http =>
        {
            await http.Request.Body.ReadExactlyAsync(new byte[Part / 2], http.RequestAborted);
            started.SetResult();
            await Assert.ThrowsAnyAsync<Exception>(() => http.Request.Body.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
            gone.SetResult();
        });
        using (var socket = await RawClient.ConnectAsync(hop.Url))
        {
            await SendAsync(socket, Head(hop, "Content-Length: 1000000") + new string('x', Part));
            await started.Task.InTime();
            RawServer.Reset(socket);
        }

        await gone.Task.InTime();
        await hop.Gateway.StopAsync();
        Assert.Contains("ClientGone", await hop.Gateway.Logs.OneAsync(e => e.Contains("2001 RequestFailed", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Download_ClientGoesAway_UpstreamsRequestIsAborted()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hop = await GatewayHop.StartAsync(async http =>
        {
            await http.Response.WriteAsync("first", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await ScriptedServer.Silence(gone)(http);
        });
        using (var answer = await hop.Client().GetAsync(new Uri(Artifact, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await gone.Task.InTime();
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Wait_ClientGoesAwayBeforeTheAnswer_UpstreamsRequestIsAborted()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hop = await GatewayHop.StartAsync(async http =>
        {
            started.SetResult();
            await ScriptedServer.Silence(gone)(http);
        });
        using (var socket = await RawClient.ConnectAsync(hop.Url))
        {
            await SendAsync(socket, $"GET {Artifact} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {hop.Key}\r\n\r\n");
            await started.Task.InTime();
        }

        await gone.Task.InTime();
    }

    private static string Head(GatewayHop hop, string framing) => $"PUT {Artifact} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer {hop.Key}\r\n{framing}\r\n\r\n";

    private static Task<int> SendAsync(Socket socket, string text) => socket.SendAsync(Encoding.ASCII.GetBytes(text)).InTime();

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[4096];
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer).InTime());
    }
}
