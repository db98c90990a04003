using Hokusai.Edge;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Edge;

/// <summary>What rules look at and what they do, each kind of it on real sockets.</summary>
public sealed class EdgeActionTests
{
    private const string Routes = """
        {
          "default": {"status": 404, "content_type": "text/plain", "body": "no rule"},
          "targets": {"api": {"port": 1}, "canary": {"port": 1}, "empty": {"port": 1}},
          "rules": [
            {"name": "closed", "priority": 1, "paths": ["/closed"], "fixed_response": {"status": 503, "content_type": "text/html", "body": "<p>later</p>"}},
            {"name": "moved", "priority": 2, "paths": ["/old/*"], "redirect": {"status": 301, "protocol": "HTTPS", "port": "443"}},
            {"name": "found", "priority": 3, "paths": ["/find"], "redirect": {"status": 302, "host": "new.#{host}", "path": "/found", "query": ""}},
            {"name": "host", "priority": 4, "hosts": ["*.example.com"], "target": "api"},
            {"name": "method", "priority": 5, "paths": ["/method"], "methods": ["PUT"], "target": "api"},
            {"name": "source", "priority": 6, "paths": ["/source"], "sources": ["127.0.0.1/32"], "target": "api"},
            {"name": "far", "priority": 7, "paths": ["/far"], "sources": ["192.0.2.0/24"], "target": "api"},
            {"name": "header", "priority": 8, "headers": [{"name": "X-Beta", "values": ["1*"]}], "target": "api"},
            {"name": "query", "priority": 9, "paths": ["/query"], "query": [{"values": [{"key": "v", "value": "1*"}, {"value": "x"}]}], "target": "api"},
            {"name": "weights", "priority": 10, "paths": ["/weights"], "forward": [{"target": "api", "weight": 1}, {"target": "canary", "weight": 3}]},
            {"name": "nobody", "priority": 11, "paths": ["/nobody"], "forward": [{"target": "empty", "weight": 1}, {"target": "canary", "weight": 0}]},
            {"name": "rewrite", "priority": 12, "paths": ["/rewrite/*"], "target": "api", "rewrite": {"regex": "^/rewrite/([^?]*)", "replace": "/$1"}, "host_rewrite": {"regex": "^(.*)[.]test$", "replace": "$1.internal"}},
            {"name": "broken", "priority": 13, "paths": ["/broken"], "target": "api", "rewrite": {"regex": "^/", "replace": ""}},
            {"name": "empty", "priority": 14, "paths": ["/empty"], "fixed_response": {"status": 204, "content_type": "text/plain", "body": "x"}}
          ]
        }
        """;

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("GET /closed", "", 503)]
    [InlineData("GET /x", "Host: models.example.com", 200)]
    [InlineData("GET /x", "Host: MODELS.Example.Com:99", 200)]
    [InlineData("GET /x", "Host: example.com", 404)]
    [InlineData("PUT /method", "", 200)]
    [InlineData("POST /method", "", 404)]
    [InlineData("GET /source", "", 200)]
    [InlineData("GET /far", "X-Forwarded-For: 192.0.2.1", 404)]
    [InlineData("GET /x", "x-beta: 1.2", 200)]
    [InlineData("GET /x", "X-Beta: 0\r\nX-Beta: 12", 200)]
    [InlineData("GET /x", "X-Beta: 2", 404)]
    [InlineData("GET /query?a=b&V=12", "", 200)]
    [InlineData("GET /query?any=X", "", 200)]
    [InlineData("GET /query?v=2", "", 404)]
    [InlineData("GET /nobody", "", 503)]
    [InlineData("GET /broken", "", 500)]
    [InlineData("OPTIONS *", "", 404)]
    public async Task Rule_Conditions_DecideWhoAnswers(string start, string header, int expected)
    {
        await using var api = await ScriptedServer.StartAsync();
        await using var edge = await StartAsync(api.Url);

        var answer = await RawClient.SendAsync(edge.Url, start + " HTTP/1.1", header.Length > 0 ? [header] : []);

        Assert.Equal(expected, answer.Status);
        Assert.Equal(expected == 200 ? 1 : 0, api.Requests.Count);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task FixedResponse_OfARule_IsGivenWithItsType()
    {
        await using var edge = await StartAsync("http://127.0.0.1:1");

        var answer = await RawClient.SendAsync(edge.Url, "GET /closed HTTP/1.1");
        var head = await RawClient.SendAsync(edge.Url, "HEAD /closed HTTP/1.1");

        Assert.Equal("<p>later</p>", answer.Body);
        Assert.Contains("Content-Type: text/html", answer.Head, StringComparison.Ordinal);
        Assert.Equal((503, ""), (head.Status, head.Body));
        Assert.Contains("Content-Length: 12", head.Head, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task FixedResponse_WithABodyThatItsStatusHasNot_LeavesItOut()
    {
        await using var edge = await StartAsync("http://127.0.0.1:1");

        var answer = await RawClient.SendAsync(edge.Url, "GET /empty HTTP/1.1");

        Assert.Equal((204, ""), (answer.Status, answer.Body));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("/old/a%2Fb//c?x=1&y", 301, "https://models.test:443/old/a%2Fb//c?x=1&y")]
    [InlineData("/old/", 301, "https://models.test:443/old/")]
    [InlineData("/find?x=1", 302, "http://new.models.test:PORT/found")]
    public async Task Redirect_OfARule_SendsTheClientThere(string target, int status, string location)
    {
        await using var edge = await StartAsync("http://127.0.0.1:1");

        var answer = await RawClient.SendAsync(edge.Url, $"GET {target} HTTP/1.1", "Host: models.test:8080");

        Assert.Equal(status, answer.Status);
        Assert.Contains($"\r\nLocation: {location.Replace("PORT", $"{edge.Port}", StringComparison.Ordinal)}\r\n", answer.Head + "\r\n", StringComparison.Ordinal);
    }

    // HTTP/1.0 needs no Host.
    [Fact(Timeout = Deadlines.Test)]
    public async Task Redirect_OfARequestWithoutHost_NamesTheAddressThatItCameTo()
    {
        await using var edge = await StartAsync("http://127.0.0.1:1");

        var answer = await RawClient.SendTextAsync(edge.Url, "GET /old/ HTTP/1.0\r\n\r\n");

        Assert.Equal(301, answer.Status);
        Assert.Contains("\r\nLocation: https://127.0.0.1:443/old/\r\n", answer.Head + "\r\n", StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Weights_OfARule_AreDrawnForEachRequest()
    {
        await using var api = await ScriptedServer.StartAsync(ScriptedServer.Answer(200, "api"));
        await using var canary = await ScriptedServer.StartAsync(ScriptedServer.Answer(200, "canary"));
        await using var edge = await EdgeInHand.StartAsync(Routes, new() { ["api"] = [api.Url], ["canary"] = [canary.Url], ["empty"] = [] }, random: new Drawn(0, 1, 2, 3, 0));

        var answers = new List<string>();
        for (var i = 0; i < 5; i++) answers.Add((await RawClient.SendAsync(edge.Url, "GET /weights HTTP/1.1")).Body);

        Assert.Equal(["api", "canary", "canary", "canary", "api"], answers);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Weights_GroupThatIsDown_HandsItsShareToNobody()
    {
        using var taken = RawServer.Refusing(out var nobody);
        await using var canary = await ScriptedServer.StartAsync();
        await using var edge = await EdgeInHand.StartAsync(Routes, new() { ["api"] = [nobody], ["canary"] = [canary.Url], ["empty"] = [] }, random: new Drawn(0));

        Assert.Equal(502, (await RawClient.SendAsync(edge.Url, "GET /weights HTTP/1.1")).Status);
        Assert.Empty(canary.Requests);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Transform_OfARule_ChangesPathAndHostAndNotTheRouting()
    {
        await using var api = await ScriptedServer.StartAsync();
        await using var edge = await StartAsync(api.Url);

        await RawClient.SendAsync(edge.Url, "GET /rewrite/closed?q=/rewrite/x HTTP/1.1", "Host: models.test:8080");

        Assert.Equal(("/closed?q=/rewrite/x", "models.internal:8080"), (api.Only.Target, api.Only.Header("Host")));
    }

    private static Task<EdgeInHand> StartAsync(string api) =>
        EdgeInHand.StartAsync(Routes, new() { ["api"] = [api], ["canary"] = ["http://127.0.0.1:1"], ["empty"] = [] }, new EdgeOptions());

    /// <summary>Draws that are known beforehand.</summary>
    private sealed class Drawn(params int[] numbers) : Random
    {
        private int _next;

        public override int Next(int maxValue) => numbers[_next++ % numbers.Length];
    }
}
