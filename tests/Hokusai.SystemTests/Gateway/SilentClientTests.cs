using System.Net;
using System.Text;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Forwarding.Http1;
using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Gateway;

/// <summary>A client that stops in the middle of its upload ends its own request, and nothing else.</summary>
public sealed class SilentClientTests
{
    // The gateway ended: the request of a client that had been silent for too long was over before it could be aborted.
    [Fact(Timeout = Deadlines.Test)]
    public async Task Timeout_OfARequestThatHasEnded_IsNoFault()
    {
        await using var server = RawServer.Start(static async socket => await socket.ReceiveAsync(new byte[1]));
        var url = new Uri(server.Url);
        await using var watch = new IdleWatch(TimeProvider.System);
        using var connection = await UpstreamConnection.OpenAsync(new IPEndPoint(IPAddress.Loopback, url.Port), url, TimeSpan.FromSeconds(10), watch, TimeProvider.System);
        var request = new DefaultHttpContext();
        connection.LimitClientSilence(TimeSpan.FromHours(1), request);
        request.Uninitialize();

        connection.AbortAsTimedOut();

        Assert.Equal(FailurePlace.ClientGone, connection.Explain(new IOException(), Progress.Sent).Place);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Upload_ClientSilentInTheMiddle_EndsAloneAndTheGatewayServesOn()
    {
        await using var upstream = await ScriptedServer.StartAsync();
        await using var auth = await ScriptedServer.StartAsync(GatewayHop.Good());
        var settings = new Dictionary<string, string>
        {
            ["HOKUSAI_GATEWAY__METADATAIDLE"] = "00:00:02",
            ["HOKUSAI_GATEWAY__ARTIFACTIDLE"] = "00:00:01",
            ["HOKUSAI_GATEWAY__CONNECTDEADLINE"] = "00:00:00.5",
            ["HOKUSAI_GATEWAY__ATTEMPTDEADLINE"] = "00:00:01",
        };
        await using var gateway = HokusaiProcess.Start(null, settings, "serve", "gateway", "--port", "0", "--upstream", upstream.Url, "--auth-service", auth.Url);
        var url = (await gateway.ReadLineAsync()).Split(' ')[^1];
        var key = ApiKey.Mint().Reveal();
        string[] halves = ["5\r\nab", "", "5;ext"];

        for (var i = 0; i < 2; i++)
        {
            await Task.WhenAll(Enumerable.Repeat(halves, 4).SelectMany(h => h).Select(half =>
                RawClient.SendTextAsync(url, $"PUT /api/2.0/mlflow-artifacts/artifacts/1/model.bin HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {key}\r\nTransfer-Encoding: chunked\r\n\r\n{half}")));
        }

        Assert.Equal(200, (await RawClient.SendAsync(url, "GET /health HTTP/1.1")).Status);
        Assert.False(gateway.HasExited);
    }

    // The server beneath would try to read on from a connection that is gone, and log an error that names nobody.
    [Theory(Timeout = Deadlines.Test)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Upload_ResetByItsClient_IsNoErrorInTheLog(bool keyed)
    {
        await using var stack = await TestStack.StartAsync();

        for (var i = 0; i < 5; i++)
        {
            using var client = await RawClient.ConnectAsync(stack.GatewayUrl);
            await client.SendAsync(Encoding.ASCII.GetBytes($"PUT /api/2.0/mlflow-artifacts/artifacts/1/{i}.bin HTTP/1.1\r\nHost: h\r\n{(keyed ? $"Authorization: Bearer {stack.Key}\r\n" : "")}Content-Length: 100000\r\n\r\nabc"));
            if (!keyed) await client.ReceiveAsync(new byte[1]).InTime();
            else await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
            RawServer.Reset(client);
        }
        await stack.StopAsync();

        stack.Logs.Lacks("draining of the request body");
    }
}
