using Hokusai.Edge;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Edge;

/// <summary>Requests that want the edge to send something else, or somewhere else.</summary>
public sealed class EdgeHostileRequestTests
{
    [Theory(Timeout = Deadlines.Test)]
    [InlineData("CONNECT @HOST")]
    [InlineData("CONNECT HOST")]
    [InlineData("OPTIONS *")]
    public async Task Forward_TargetThatIsNoPath_GoesNowhereEvenWhereARuleTakesEverything(string start)
    {
        await using var api = await ScriptedServer.StartAsync(keeps: EdgeHop.IsNoCheck);
        await using var victim = await ScriptedServer.StartAsync();
        using var folder = new TestFolder();
        var routes = folder.PathOf("routes.json");
        await File.WriteAllTextAsync(
            routes,
            """{"default":{"status":404,"content_type":"application/json","body":"{}"},"targets":{"api":{"port":1}},"rules":[{"name":"all","priority":1,"paths":["*"],"target":"api"}]}""",
            TestContext.Current.CancellationToken);
        await using var edge = await TestRole.EdgeAsync(new EdgeOptions { RoutesFile = routes, Targets = new Dictionary<string, IReadOnlyList<string>> { ["api"] = [api.Url] } });
        var authority = new Uri(victim.Url).Authority;

        var answer = await RawClient.SendAsync(edge.Url, start.Replace("HOST", authority, StringComparison.Ordinal) + " HTTP/1.1", "Host: " + authority);

        Assert.InRange(answer.Status, 400, 404);
        Assert.Empty(victim.Requests);
        Assert.Empty(api.Requests);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_LengthAndChunksBothGiven_NeverReachTheTargetTogether()
    {
        await using var hop = await EdgeHop.StartAsync();

        await RawClient.SendTextAsync(hop.Url, "POST /api/mlflow HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n");

        Assert.All(hop.Targets["api"].Requests, seen => Assert.Equal("{}"u8.ToArray(), seen.Body));
        Assert.DoesNotContain(hop.Targets["api"].Requests, seen => seen.Header("Content-Length") is not null && seen.Header("Transfer-Encoding") is not null);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("Content-Length: 1\r\nContent-Length: 2")]
    [InlineData("Transfer-Encoding: identity")]
    [InlineData("X-Bad : 1")]
    [InlineData("Host: other")]
    public async Task Forward_BrokenFraming_IsRefused(string header)
    {
        await using var hop = await EdgeHop.StartAsync();

        var answer = await RawClient.SendTextAsync(hop.Url, $"POST /api/mlflow HTTP/1.1\r\nHost: h\r\n{header}\r\nConnection: close\r\n\r\nxx");

        Assert.InRange(answer.Status, 400, 501);
        Assert.Empty(hop.Received);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("get")]
    [InlineData("Post")]
    [InlineData("delete")]
    public async Task Forward_MethodInOtherCase_PassesNoRuleAsWhatItIsNot(string method)
    {
        await using var hop = await EdgeHop.StartAsync();

        var answer = await RawClient.SendAsync(hop.Url, $"{method} /api/mlflow HTTP/1.1", "Content-Length: 0");

        Assert.Equal(400, answer.Status);
        Assert.Empty(hop.Received);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("a:99999")]
    [InlineData("a!b")]
    [InlineData("a..b")]
    public async Task Forward_HostThatIsNone_IsTheClientsFault(string host)
    {
        await using var hop = await EdgeHop.StartAsync();

        var answer = await RawClient.SendAsync(hop.Url, "GET /api/mlflow HTTP/1.1", "Host: " + host);

        Assert.Equal(400, answer.Status);
        Assert.Empty(hop.Received);
        hop.Edge.Logs.Lacks("TargetFailed");
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(15, 200)]
    [InlineData(17, 400)]
    [InlineData(70, 400)]
    public async Task Forward_LargeHeader_PassesUpToTheLoadBalancersLimit(int kibibytes, int status)
    {
        await using var hop = await EdgeHop.StartAsync();

        var answer = await RawClient.SendAsync(hop.Url, "GET /api/mlflow HTTP/1.1", "X-Large: " + new string('x', kibibytes * 1024));

        Assert.Equal(status, answer.Status);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(15, 200)]
    [InlineData(17, 414)]
    public async Task Forward_LongTarget_PassesUpToTheLoadBalancersLimit(int kibibytes, int status)
    {
        await using var hop = await EdgeHop.StartAsync();

        var answer = await RawClient.SendAsync(hop.Url, $"GET /api/mlflow?{new string('x', kibibytes * 1024)} HTTP/1.1");

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? 1 : 0, hop.Received.Count());
    }
}
