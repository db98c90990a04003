using System.Net;
using System.Net.Sockets;
using System.Text;
using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Gateway.Resilience;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.SystemTests.Edge;

/// <summary>What the edge does when nothing comes, on a clock that the test puts forward: the idle timeout is the standard one of 60 s.</summary>
public sealed class EdgeTimeoutTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact(Timeout = Deadlines.Test)]
    public async Task Idle_SilentTarget_Is504AfterTheIdleTimeoutAndNotBefore()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var target = await ScriptedServer.StartAsync(async http =>
        {
            asked.TrySetResult();
            await ScriptedServer.Silence(gone)(http);
        });
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url], time: _time);

        var answer = RawClient.SendAsync(edge.Url, "GET /x HTTP/1.1");
        await asked.Task.InTime();
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(gone.Task.IsCompleted);
        await AdvanceUntilAsync(answer);

        Assert.Equal(504, (await answer).Status);
        await gone.Task.InTime();
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Idle_TargetThatSendsABitNowAndThen_GoesOn()
    {
        var next = new SemaphoreSlim(0);
        var sent = new SemaphoreSlim(0);
        await using var target = await ScriptedServer.StartAsync(async http =>
        {
            for (var i = 0; i < 4; i++)
            {
                await http.Response.WriteAsync($"part{i};");
                await http.Response.Body.FlushAsync();
                sent.Release();
                await next.WaitAsync(http.RequestAborted);
            }
        });
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url], time: _time);
        using var client = await RawClient.ConnectAsync(edge.Url);
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"u8.ToArray());
        var seen = new StringBuilder();
        for (var i = 0; i < 4; i++)
        {
            await sent.WaitAsync(TestContext.Current.CancellationToken);
            await ReadUntilAsync(client, seen, $"part{i};");
            _time.Advance(TimeSpan.FromSeconds(45));
            next.Release();
        }
        await ReadUntilAsync(client, seen, "\r\n0\r\n\r\n");
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Idle_TargetThatStopsInMidBody_BreaksTheConnection()
    {
        await using var target = await ScriptedServer.StartAsync(async http =>
        {
            http.Response.ContentLength = 10;
            await http.Response.WriteAsync("half;");
            await http.Response.Body.FlushAsync();
            await ScriptedServer.Silence()(http);
        });
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url], time: _time);
        using var client = await RawClient.ConnectAsync(edge.Url);
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: h\r\n\r\n"u8.ToArray());
        await ReadUntilAsync(client, new StringBuilder(), "half;");
        await AdvanceUntilAsync(EndAsync(client));

        await edge.Logs.HasAsync("answered 504");
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Idle_ClientThatStopsInMidBody_Is408()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var target = await ScriptedServer.StartAsync(async http =>
        {
            asked.TrySetResult();
            await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
        });
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url], time: _time);

        var answer = RawClient.SendTextAsync(edge.Url, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf;");
        await asked.Task.InTime();
        await AdvanceUntilAsync(answer);

        Assert.Equal(408, (await answer).Status);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Connect_TargetThatTakesNoConnection_Is504After10Seconds()
    {
        using var hole = await BlackHole.OpenAsync(new IPEndPoint(IPAddress.Loopback, 0));
        await using var edge = await EdgeInHand.InFrontOfAsync([$"http://{hole.Address}"], time: _time);

        var answer = RawClient.SendAsync(edge.Url, "GET /x HTTP/1.1");
        await AdvanceUntilAsync(answer, TimeSpan.FromSeconds(10));

        Assert.Equal(504, (await answer).Status);
        await edge.Logs.HasAsync("accepted no connection within 00:00:10");
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Idle_UpgradedConnection_PassesBothWaysAndEndsWhenSilent()
    {
        await using var target = RawServer.Start(async socket =>
        {
            var head = await RawServer.ReadHeadAsync(socket);
            Assert.Contains("Upgrade: websocket", head, StringComparison.OrdinalIgnoreCase);
            await socket.SendAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n"u8.ToArray());
            var buffer = new byte[100];
            int count;
            while ((count = await socket.ReceiveAsync(buffer)) > 0) await socket.SendAsync(buffer.AsMemory(0, count));
        });
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url], time: _time);
        using var client = await RawClient.ConnectAsync(edge.Url);
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"u8.ToArray());
        var seen = new StringBuilder();
        await ReadUntilAsync(client, seen, "\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101", seen.ToString(), StringComparison.Ordinal);

        await client.SendAsync("ping"u8.ToArray());
        await ReadUntilAsync(client, seen, "ping");
        var ended = EndAsync(client);
        await AdvanceUntilAsync(ended);
    }

    // The connection's timer may be armed a moment after the target saw the request.
    private async Task AdvanceUntilAsync(Task ended, TimeSpan? step = null)
    {
        await Until.TrueAsync("the edge gives up", TimeSpan.FromSeconds(20), () =>
        {
            if (!ended.IsCompleted) _time.Advance(step ?? TimeSpan.FromSeconds(60));
            return ended.IsCompleted;
        });
        await ended;
    }

    private static async Task EndAsync(Socket socket)
    {
        try
        {
            while (await socket.ReceiveAsync(new byte[100]).InTime() > 0) continue;
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }
    }

    private static async Task ReadUntilAsync(Socket socket, StringBuilder seen, string end)
    {
        var buffer = new byte[1000];
        while (!seen.ToString().Contains(end, StringComparison.Ordinal))
        {
            var count = await socket.ReceiveAsync(buffer).InTime();
            Assert.True(count > 0, "the connection ended after: " + seen);
            seen.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
    }
}
