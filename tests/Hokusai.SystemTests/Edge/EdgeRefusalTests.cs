using Hokusai.Edge;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Edge;

/// <summary>Requests and answers that are beyond the load balancer's limits, and its attributes.</summary>
public sealed class EdgeRefusalTests
{
    // Where the server beneath refuses first, the status is its own; docs/edge.md lists them.
    [Theory(Timeout = Deadlines.Test)]
    [InlineData("GET /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501)]
    [InlineData("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 400)]
    [InlineData("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n", 400)]
    [InlineData("GET /x HTTP/1.2\r\nHost: h\r\n\r\n", 505)]
    [InlineData("GET /x HTTP/2.0\r\nHost: h\r\n\r\n", 505)]
    [InlineData("GET /x HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /x HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", 400)]
    [InlineData("GET /x HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", 400)]
    [InlineData("GET x HTTP/1.1\r\nHost: h\r\n\r\n", 405)]
    [InlineData("nonsense\r\n\r\n", 400)]
    [InlineData("TRACE /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 405)]
    public async Task Refuse_BrokenRequest_IsAnsweredByTheEdgeAlone(string request, int expected)
    {
        await using var target = await ScriptedServer.StartAsync();
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url]);

        var answer = await RawClient.SendTextAsync(edge.Url, request);

        Assert.Equal(expected, answer.Status);
        Assert.Empty(target.Requests);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(30, 200)]
    [InlineData(31, 463)]
    public async Task Refuse_ForwardedFor_Beyond30Addresses(int addresses, int expected)
    {
        await using var target = await ScriptedServer.StartAsync();
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url]);

        Assert.Equal(expected, (await RawClient.SendAsync(edge.Url, "GET /x HTTP/1.1", "X-Forwarded-For: " + string.Join(", ", Enumerable.Repeat("192.0.2.1", addresses)))).Status);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(4, 200)]
    [InlineData(5, 400)]
    public async Task Refuse_AllHeaders_Beyond64K(int lines, int expected)
    {
        await using var target = await ScriptedServer.StartAsync();
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url]);
        string[] headers = [.. Enumerable.Range(0, lines).Select(i => $"X-Large-{i}: {new string('x', 15 * 1024)}")];

        var answer = await RawClient.SendAsync(edge.Url, "GET /x HTTP/1.1", headers);

        Assert.Equal(expected, answer.Status);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Pass_ManySmallHeaders_AsTheLoadBalancerDoes()
    {
        await using var target = RawServer.Saying("HTTP/1.1 204 No Content\r\n\r\n");
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url]);

        Assert.Equal(204, (await RawClient.SendAsync(edge.Url, "GET /x HTTP/1.1", [.. Enumerable.Range(0, 500).Select(i => $"X-{i}: 1")])).Status);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(31, 200)]
    [InlineData(33, 502)]
    public async Task Refuse_ResponseHeaders_Beyond32K(int kibibytes, int expected)
    {
        await using var target = RawServer.Saying($"HTTP/1.1 200 OK\r\nX-Large: {new string('x', kibibytes * 1024)}\r\nContent-Length: 0\r\n\r\n");
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url]);

        Assert.Equal(expected, (await RawClient.SendAsync(edge.Url, "GET /x HTTP/1.1")).Status);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(false, "odd")]
    [InlineData(true, null)]
    public async Task Drop_OddHeaderNames_IfSoSet(bool drop, string? expected)
    {
        await using var target = await ScriptedServer.StartAsync();
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url], options: new EdgeOptions { DropInvalidHeaderFields = drop });

        await RawClient.SendAsync(edge.Url, "GET /x HTTP/1.1", "X_Odd: odd", "X-Plain-1: plain");

        Assert.Equal((expected, "plain"), (target.Only.Header("X_Odd"), target.Only.Header("X-Plain-1")));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(ForwardedForMode.Append, false, "10.0.0.1, 127.0.0.1")]
    [InlineData(ForwardedForMode.Append, true, "10.0.0.1, 127.0.0.1:CLIENT")]
    [InlineData(ForwardedForMode.Preserve, true, "10.0.0.1")]
    [InlineData(ForwardedForMode.Remove, true, null)]
    public async Task Forward_ForwardedFor_ByMode(ForwardedForMode mode, bool port, string? expected)
    {
        await using var target = await ScriptedServer.StartAsync();
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url], options: new EdgeOptions { XffHeaderProcessingMode = mode, XffClientPort = port });
        using var client = await RawClient.ConnectAsync(edge.Url);
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 10.0.0.1\r\nConnection: close\r\n\r\n"u8.ToArray());
        var clientPort = ((System.Net.IPEndPoint)client.LocalEndPoint!).Port;
        await RawClient.ReadAsync(client);

        Assert.Equal(expected?.Replace("CLIENT", $"{clientPort}", StringComparison.Ordinal), target.Only.Header("X-Forwarded-For"));
        Assert.Equal(("http", $"{edge.Port}"), (target.Only.Header("X-Forwarded-Proto"), target.Only.Header("X-Forwarded-Port")));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("GET /x HTTP/1.1", "Host: models.test", false, "models.test:PORT")]
    [InlineData("GET /x HTTP/1.1", "Host: models.test", true, "models.test")]
    [InlineData("GET /x HTTP/1.1", "Host: models.test:99", false, "models.test:99")]
    [InlineData("GET http://other.test/x HTTP/1.1", "Host: models.test", false, "other.test:PORT")]
    [InlineData("GET http://other.test:99/x HTTP/1.1", "Host: models.test", true, "other.test:99")]
    [InlineData("GET /x HTTP/1.0", "X-Old: 1", false, "localhost:PORT")]
    public async Task Forward_Host_IsTheLoadBalancers(string start, string header, bool preserve, string expected)
    {
        await using var target = await ScriptedServer.StartAsync();
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url], options: new EdgeOptions { PreserveHostHeader = preserve });

        await RawClient.SendTextAsync(edge.Url, $"{start}\r\n{header}\r\nConnection: close\r\n\r\n");

        Assert.Equal((expected.Replace("PORT", $"{edge.Port}", StringComparison.Ordinal), "/x"), (target.Only.Header("Host"), target.Only.Target));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Leave_ClientBeforeTheAnswer_IsLoggedAs460()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var target = await ScriptedServer.StartAsync(async http =>
        {
            asked.TrySetResult();
            await ScriptedServer.Silence(gone)(http);
        });
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url]);
        using (var client = await RawClient.ConnectAsync(edge.Url))
        {
            await client.SendAsync("GET /x HTTP/1.1\r\nHost: h\r\n\r\n"u8.ToArray());
            await asked.Task.InTime();
        }

        await gone.Task.InTime();
        await edge.Logs.HasAsync("1001 ClientWentAway");
        edge.Logs.Lacks("TargetFailed");
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Idle_ClientThatSendsHalfAHead_Is408()
    {
        await using var edge = await EdgeInHand.InFrontOfAsync([], options: new EdgeOptions { IdleTimeout = TimeSpan.FromSeconds(1) });

        var answer = await RawClient.SendInTimeAsync(() => RawClient.SendTextAsync(edge.Url, "GET /x HTTP/1.1\r\nHost:"));

        Assert.Equal(408, answer.Status);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_HttpsGroup_TakesAnyCertificate()
    {
        await using var target = RawServer.StartTls(async tls =>
        {
            await RawServer.ReadHeadAsync(tls);
            await tls.WriteAsync("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"u8.ToArray());
        });
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url]);

        Assert.Equal(204, (await RawClient.SendAsync(edge.Url, "GET /x HTTP/1.1")).Status);
    }
}
