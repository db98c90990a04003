using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Edge;

/// <summary>Every rule of routes.json, by URL, through a listening edge.</summary>
public sealed class EdgeRoutingTests
{
    public static TheoryData<string, string, string> Always { get; } = new()
    {
        { "GET", "/api/mlflow", "api" },
        { "GET", "/api/mlflow/", "api" },
        { "POST", "/api/mlflow/api/2.0/mlflow/runs/search", "api" },
        { "GET", "/api/mlflow/../v1/keys", "api" },
        { "GET", "/api/mlflow/%2e%2e/v1/keys", "api" },
        { "GET", "/api/mlflow-x", "api" },
        { "GET", "/api/v1/keys", "auth" },
        { "POST", "/api/v1/keys/validate", "auth" },
        { "GET", "/api/v1/keys/../../mlflow", "auth" },
        { "GET", "/api/v1/keysmith", "api" },
        { "GET", "/api/v1/keys%2Fvalidate", "api" },
        { "GET", "/api//v1/keys", "api" },
        { "GET", "/api/v1//keys", "api" },
        { "GET", "/api", "api" },
        { "DELETE", "/api/", "api" },
        { "GET", "/api/anything?x=/mlflow", "api" },
    };

    public static TheoryData<string, string> Never { get; } = new()
    {
        { "GET", "/" },
        { "GET", "/apix" },
        { "GET", "/API/mlflow" },
        { "GET", "/Api" },
        { "GET", "/%61pi/mlflow" },
        { "GET", "//api/mlflow" },
        { "GET", "/x/../api/mlflow" },
        { "GET", "/health" },
        { "GET", "/?x=/api/mlflow" },
        { "OPTIONS", "*" },
        { "CONNECT", "edge.test:80" },
    };

    public static TheoryData<string, string> Direct { get; } = new()
    {
        { "/mlflow", "/mlflow" },
        { "/mlflow/", "/mlflow/" },
        { "/mlflow/static-files/a.js?v=1", "/mlflow/static-files/a.js?v=1" },
        { "/mlflow/api/2.0/mlflow/runs/get?run_id=a%2Fb", "/api/2.0/mlflow/runs/get?run_id=a%2Fb" },
        { "/mlflow/api/%2e%2e//x;y=1/%C3%AB+", "/api/%2e%2e//x;y=1/%C3%AB+" },
        { "/mlflow/api/mlflow/api/x", "/api/mlflow/api/x" },
        { "/mlflow/ajax-api/2.0/x", "/mlflow/ajax-api/2.0/x" },
    };

    [Theory(Timeout = Deadlines.Test)]
    [MemberData(nameof(Always))]
    public async Task Route_TargetOfARule_GoesToItsGroupByteForByte(string method, string target, string group)
    {
        await using var hop = await EdgeHop.StartAsync();

        Assert.Equal(200, (await RawClient.SendAsync(hop.Url, $"{method} {target} HTTP/1.1")).Status);

        var (name, seen) = Assert.Single(hop.Received);
        Assert.Equal((group, method, target), (name, seen.Method, seen.Target));
    }

    [Theory(Timeout = Deadlines.Test)]
    [MemberData(nameof(Never))]
    public async Task Route_TargetOfNoRule_GetsTheDefaultAnswer(string method, string target)
    {
        await using var hop = await EdgeHop.StartAsync(directAccess: true);

        var answer = await RawClient.SendAsync(hop.Url, $"{method} {target} HTTP/1.1", "Host: edge.test:80");

        Assert.Equal(404, answer.Status);
        Assert.Contains("Content-Type: application/json", answer.Head, StringComparison.Ordinal);
        Assert.Contains("\"error_code\":\"ENDPOINT_NOT_FOUND\"", answer.Body, StringComparison.Ordinal);
        Assert.Empty(hop.Received);
    }

    [Theory(Timeout = Deadlines.Test)]
    [MemberData(nameof(Direct))]
    public async Task Route_DirectAccess_IsOffByDefaultAndRewritesWhenOn(string target, string expected)
    {
        await using (var closed = await EdgeHop.StartAsync())
        {
            // The peer's address counts, not what a client says of it.
            Assert.Equal(404, (await RawClient.SendAsync(closed.Url, $"GET {target} HTTP/1.1", "X-Forwarded-For: 127.0.0.1", "X-Real-IP: 10.0.0.1")).Status);
            Assert.Empty(closed.Received);
        }
        await using var open = await EdgeHop.StartAsync(directAccess: true);

        Assert.Equal(200, (await RawClient.SendAsync(open.Url, $"GET {target} HTTP/1.1")).Status);

        var (name, seen) = Assert.Single(open.Received);
        Assert.Equal(("mlflow", expected), (name, seen.Target));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("/api/mlflow/a%2Fb%2e%2e/%2e%2e//c;v=1/d+e/%C3%AB%20/~'()*!$&,=:@?q=a%2Fb&x=%2e%2e&y=a+b;c&z=%C3%AB&q=?/")]
    [InlineData("/api/mlflow?")]
    [InlineData("/api/mlflow/%41%2f%5c%25%3f%23")]
    [InlineData("/api/mlflow/x#y")]
    public async Task Route_AnyTarget_ArrivesByteForByte(string target)
    {
        await using var hop = await EdgeHop.StartAsync();

        await RawClient.SendAsync(hop.Url, $"GET {target} HTTP/1.1");

        Assert.Equal(target, hop.Targets["api"].Only.Target);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Route_AbsoluteForm_IsRoutedByItsPathAlone()
    {
        await using var hop = await EdgeHop.StartAsync();

        var path = await RawClient.SendAsync(hop.Url, "GET http://edge.test/api/mlflow?x=1 HTTP/1.1", "Host: edge.test");
        var query = await RawClient.SendAsync(hop.Url, "GET http://edge.test?x=/api/mlflow HTTP/1.1", "Host: edge.test");

        Assert.Equal((200, 404), (path.Status, query.Status));
        Assert.Equal("/api/mlflow?x=1", hop.Targets["api"].Only.Target);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Route_Head_IsForwardedAndAnsweredWithoutABody()
    {
        await using var hop = await EdgeHop.StartAsync();

        var known = await RawClient.SendAsync(hop.Url, "HEAD /api/mlflow HTTP/1.1");
        var unknown = await RawClient.SendAsync(hop.Url, "HEAD /nothing HTTP/1.1");

        Assert.Equal((200, "", "HEAD"), (known.Status, known.Body, hop.Targets["api"].Only.Method));
        Assert.Equal((404, ""), (unknown.Status, unknown.Body));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("TRACE")]
    [InlineData("trace")]
    public async Task Route_Trace_Is405AndGoesNowhere(string method)
    {
        await using var hop = await EdgeHop.StartAsync();

        Assert.Equal(405, (await RawClient.SendAsync(hop.Url, $"{method} /api/mlflow HTTP/1.1")).Status);

        Assert.Empty(hop.Received);
    }
}
