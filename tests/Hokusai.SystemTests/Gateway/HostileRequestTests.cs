using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Limits;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway;

/// <summary>Requests that want two hops to understand them differently.</summary>
public sealed class HostileRequestTests
{
    private const string Create = "POST /api/2.0/mlflow/runs/create HTTP/1.1";

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_LengthAndChunksBothGiven_NeverReachTheUpstreamTogether()
    {
        await using var hop = await GatewayHop.StartAsync();

        await RawClient.SendTextAsync(hop.Url, $"{Create}\r\nHost: h\r\nAuthorization: Bearer {hop.Key}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n");

        foreach (var seen in hop.Upstream.Requests) Assert.False(seen.Header("Content-Length") is not null && seen.Header("Transfer-Encoding") is not null);
        Assert.All(hop.Upstream.Requests, seen => Assert.Equal("{}"u8.ToArray(), seen.Body));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("Content-Length: 2\r\nContent-Length: 3")]
    [InlineData("Content-Length: 2, 3")]
    [InlineData("Transfer-Encoding: chunked, identity")]
    [InlineData("Transfer-Encoding: xchunked")]
    [InlineData("X-Bad : 1")]
    [InlineData("X-Bad\0: 1")]
    [InlineData("Host: other")]
    public async Task Forward_BrokenFraming_IsRefusedBeforeTheUpstream(string header)
    {
        await using var hop = await GatewayHop.StartAsync();

        var answer = await RawClient.SendTextAsync(hop.Url, $"{Create}\r\nHost: h\r\nAuthorization: Bearer {hop.Key}\r\n{header}\r\nConnection: close\r\n\r\n{{}}");

        Assert.InRange(answer.Status, 400, 501);
        Assert.Empty(hop.Upstream.Requests);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_RequestHiddenInTheBodyOfARefusedOne_IsNotTakenAsARequest()
    {
        await using var hop = await GatewayHop.StartAsync();
        var hidden = $"GET /version HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {hop.Key}\r\n\r\n";

        await RawClient.SendTextAsync(hop.Url, $"{Create}\r\nHost: h\r\nContent-Length: {hidden.Length}\r\n\r\n{hidden}GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");

        Assert.Empty(hop.Upstream.Requests);
        Assert.Equal(0, hop.Validations);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(15, 200)]
    [InlineData(70, 431)]
    public async Task Forward_LargeHeaders_PassAsFarAsTheLoadBalancerLetsThem(int kibibytes, int status)
    {
        await using var hop = await GatewayHop.StartAsync();

        var answer = await RawClient.SendAsync(hop.Url, "GET /version HTTP/1.1", "Authorization: Bearer " + hop.Key, "X-Large: " + new string('x', kibibytes * 1024));

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? 1 : 0, hop.Upstream.Requests.Count);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_AWebSocketHandshake_OpensNoTunnelThroughAnOrdinaryAnswer()
    {
        await using var hop = await GatewayHop.StartAsync();

        var answer = await RawClient.SendAsync(
            hop.Url, "GET /version HTTP/1.1", "Authorization: Bearer " + hop.Key, "Connection: Upgrade, close", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==");

        Assert.Equal(200, answer.Status);
        Assert.Single(hop.Upstream.Requests);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("/health", 405)]
    [InlineData("/hokusai/ready", 404)]
    [InlineData("/hokusai/dependencies", 404)]
    public async Task Answer_ConnectToAnOwnEndpoint_IsRefusedAndNoFault(string path, int status)
    {
        await using var hop = await GatewayHop.StartAsync();

        Assert.Equal(status, (await RawClient.SendAsync(hop.Url, $"CONNECT {path} HTTP/1.1")).Status);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Admit_ManyInventedKeys_EachAreAskedAboutOnceAndNoneGetsThrough()
    {
        await using var hop = await GatewayHop.StartAsync(validate: ScriptedServer.Answer(401, """{"error_code":"KEY_UNKNOWN","message":"?"}"""), configure: o => o with { Limits = new LimitOptions { FailedAttemptsBurst = 1000 } });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(hop.Url) };

        var all = Enumerable.Range(0, 200).Select(async _ =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/version", UriKind.Relative));
            request.Headers.TryAddWithoutValidation("X-API-Key", ApiKey.Mint().Reveal());
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            return (int)answer.StatusCode;
        });

        Assert.All(await Task.WhenAll(all).InTime(), status => Assert.Equal(401, status));
        Assert.Equal(200, hop.Validations);
        Assert.Empty(hop.Upstream.Requests);
    }
}
