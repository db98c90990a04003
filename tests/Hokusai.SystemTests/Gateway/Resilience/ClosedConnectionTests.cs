using System.Net;
using System.Net.Sockets;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Forwarding.Http1;
using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>A request on a pooled connection that the upstream closes in the moment between the look at it and the write.</summary>
public sealed class ClosedConnectionTests
{
    private static readonly byte[] Create = "POST /create HTTP/1.1\r\nHost: mlflow\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray();

    [Fact(Timeout = Deadlines.Test)]
    public async Task Ask_ClosedBeforeItCame_ProvablyNotProcessed()
    {
        await using var server = RawServer.Start(static socket => Task.CompletedTask);

        var failure = await AskAsync(server, waitForClose: true);

        Assert.Equal((FailurePlace.UpstreamReset, Progress.NothingSent), (failure.Place, failure.Progress));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ask_ClosedAfterItCame_PerhapsProcessed(bool reset)
    {
        await using var server = RawServer.Start(async socket =>
        {
            await socket.ReceiveAsync(new byte[4096]);
            if (reset) RawServer.Reset(socket);
        });

        var failure = await AskAsync(server, waitForClose: false);

        Assert.Equal((FailurePlace.UpstreamReset, Progress.Sent), (failure.Place, failure.Progress));
    }

    // The other side says no more, but listens on: that it had closed its half before the request came proves nothing.
    [Fact(Timeout = Deadlines.Test)]
    public async Task Ask_HalfClosedBeforeItCame_PerhapsProcessed()
    {
        await using var server = RawServer.Start(static async socket =>
        {
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(new byte[4096]) > 0) continue;
        });

        var failure = await AskAsync(server, waitForClose: true);

        Assert.Equal((FailurePlace.UpstreamReset, Progress.Sent), (failure.Place, failure.Progress));
    }

    private static async Task<UpstreamFailure> AskAsync(RawServer server, bool waitForClose)
    {
        var url = new Uri(server.Url);
        await using var watch = new IdleWatch(TimeProvider.System);
        using var connection = await UpstreamConnection.OpenAsync(new IPEndPoint(IPAddress.Loopback, url.Port), url, TimeSpan.FromSeconds(10), watch, TimeProvider.System);
        connection.Reused = true;
        if (waitForClose) await Until.TrueAsync("the upstream has closed", TimeSpan.FromSeconds(10), connection.IsStale);
        var exchange = new UpstreamExchange(connection, new DefaultHttpContext { Request = { Method = "POST" } }, RequestBody.None, once: true, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
        return await Assert.ThrowsAsync<UpstreamFailure>(() => exchange.AskAsync(Create).AsTask());
    }
}
