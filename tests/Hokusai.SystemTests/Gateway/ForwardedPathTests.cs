using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway;

/// <summary>Which path the upstream gets, byte for byte, and which paths it never sees.</summary>
public sealed class ForwardedPathTests
{
    private const string Rest = "/api/2.0/mlflow/runs/get";
    private const string Artifacts = "/api/2.0/mlflow-artifacts/artifacts/";

    public static TheoryData<string, string> Targets { get; } = new()
    {
        { "/api/mlflow" + Rest, Rest },
        { "/mlflow" + Rest, Rest },
        { Rest, Rest },
        { "/api/mlflow/ajax-api/2.0/mlflow/runs/get", "/ajax-api/2.0/mlflow/runs/get" },
        { "/api/mlflow", "/" },
        { "/api/mlflow/", "/" },
        { "/api/mlflow/version", "/version" },
        { "/version?x=/api/mlflow/version", "/version?x=/api/mlflow/version" },
        { $"/api/mlflow{Rest}?run_id=a%2Fb&x=%2e%2e&y=a+b;c&z=%C3%AB&q=?/#", $"{Rest}?run_id=a%2Fb&x=%2e%2e&y=a+b;c&z=%C3%AB&q=?/#" },
        { $"/api/mlflow{Rest}?", $"{Rest}?" },
        { $"/api/mlflow{Artifacts}a%2Fb%2e%2e/%2e%2e//c;v=1/d+e/%C3%AB%20/~'()*!$&,=:@", $"{Artifacts}a%2Fb%2e%2e/%2e%2e//c;v=1/d+e/%C3%AB%20/~'()*!$&,=:@" },
        { $"/mlflow{Artifacts}%41%2f%5c%25%3f%23", $"{Artifacts}%41%2f%5c%25%3f%23" },
        { $"/api/mlflow{Artifacts}a/./b/../c", $"{Artifacts}a/./b/../c" },
        { $"/api/mlflow/{Rest}", $"/{Rest}" },
        { $"http://example.com/api/mlflow{Rest}?a=b", $"{Rest}?a=b" },
    };

    public static TheoryData<string, string, int> Refused { get; } = new()
    {
        { "GET", "/api/mlflow/nothing", 404 },
        { "GET", "/api/mlflow/api/mlflow" + Rest, 404 },
        { "GET", "/api/mlflow/mlflow" + Rest, 404 },
        { "GET", "/API/MLFLOW" + Rest, 404 },
        { "GET", "/api/mlflow/API/2.0/mlflow/runs/get", 404 },
        { "GET", "/api/mlflow%2Fapi/2.0/mlflow/runs/get", 404 },
        { "GET", "/api/mlflow/api/2.0/mlflow/runs%2Fget", 404 },
        { "GET", "/api/mlflow/api/2.0/mlflow/runs/%67et", 404 },
        { "GET", "/api/mlflow/api/2.0/mlflow/runs/get/", 404 },
        { "GET", "/api/mlflow/api/2.0//mlflow/runs/get", 404 },
        { "GET", "/api/mlflow/api/2.0/mlflow/x/../runs/get", 404 },
        { "GET", "/api/mlflow/../v1/keys", 404 },
        { "GET", "/api/v1/keys", 404 },
        { "GET", "/api/mlflowx" + Rest, 404 },
        { "GET", "/hokusai/nothing", 404 },
        { "GET", "//evil.example.com" + Rest, 404 },
        { "GET", "http://example.com?x=" + Rest, 200 },
        { "OPTIONS", "*", 404 },
        { "CONNECT", "example.com:80", 404 },
        { "PUT", "/api/mlflow" + Rest, 405 },
        { "get", "/api/mlflow" + Rest, 405 },
        { "GET", "/api/mlflow/api/2.0/mlflow/runs/create", 405 },
        { "GET", "/api/mlflow/%00", 400 },
        { "GET", "/api/mlflow/\0", 400 },
    };

    [Theory(Timeout = Deadlines.Test)]
    [MemberData(nameof(Targets))]
    public async Task Forward_AnyTarget_ArrivesByteForByteWithoutItsPrefix(string target, string expected)
    {
        await using var hop = await GatewayHop.StartAsync();
        string[] headers = target.StartsWith("http", StringComparison.Ordinal) ? ["Host: example.com"] : [];

        var answer = await RawClient.SendAsync(hop.Url, $"GET {target} HTTP/1.1", ["Authorization: Bearer " + hop.Key, .. headers]);

        Assert.Equal(200, answer.Status);
        Assert.Equal(expected, hop.Upstream.Only.Target);
    }

    [Theory(Timeout = Deadlines.Test)]
    [MemberData(nameof(Refused))]
    public async Task Forward_TargetThatIsNotInTheCatalogue_IsRefusedWithTheReason(string method, string target, int status)
    {
        await using var hop = await GatewayHop.StartAsync();
        var host = target.Contains("example.com", StringComparison.Ordinal) && !target.StartsWith('/') ? target.Replace("http://", "", StringComparison.Ordinal).Split('?')[0] : "hokusai.test";

        var answer = await RawClient.SendAsync(hop.Url, $"{method} {target} HTTP/1.1", "Authorization: Bearer " + hop.Key, "Host: " + host);

        Assert.Equal(status, answer.Status);
        if (status == 200)
        {
            Assert.Equal("/?x=" + Rest, hop.Upstream.Only.Target);
            return;
        }
        Assert.Empty(hop.Upstream.Requests);
        if (status == 400) return;
        Assert.Contains("\"error_code\":\"ENDPOINT_NOT_FOUND\"", answer.Body, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/json", answer.Head, StringComparison.Ordinal);
        Assert.Contains("X-Request-Id: ", answer.Head, StringComparison.Ordinal);
        Assert.Equal(status == 405, answer.Head.Contains("\nAllow: ", StringComparison.Ordinal));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("/health", 200)]
    [InlineData("/hokusai/live", 200)]
    [InlineData("/hokusai/ready", 200)]
    [InlineData("/api/mlflow/health", 401)]
    [InlineData("/api/mlflow/hokusai/live", 404)]
    public async Task Forward_OwnEndpoints_NeedNoKeyAndLieOutsideOfThePrefix(string path, int status)
    {
        await using var hop = await GatewayHop.StartAsync();

        // Readiness asks the upstream, whose answer has a deadline of its own: on a machine that stands still for a moment the first one may be no.
        var answered = 0;
        await Until.TrueAsync("not 503", TimeSpan.FromSeconds(20), async () => (answered = (await RawClient.SendAsync(hop.Url, $"GET {path} HTTP/1.1")).Status) != 503);

        Assert.Equal(status, answered);
        Assert.Empty(hop.Upstream.Requests);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_Head_IsForwardedAsHeadWithoutABody()
    {
        await using var hop = await GatewayHop.StartAsync();

        var known = await RawClient.SendAsync(hop.Url, "HEAD /version HTTP/1.1", "Authorization: Bearer " + hop.Key);
        var unknown = await RawClient.SendAsync(hop.Url, "HEAD /nothing HTTP/1.1");

        Assert.Equal((200, "", "HEAD"), (known.Status, known.Body, hop.Upstream.Only.Method));
        Assert.Contains("Content-Length: 2", known.Head, StringComparison.Ordinal);
        Assert.Equal((404, ""), (unknown.Status, unknown.Body));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_MlflowsOwnErrors_PassUnchanged()
    {
        const string Body = """{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Run 'x' not found"}""";
        await using var hop = await GatewayHop.StartAsync(ScriptedServer.Answer(404, Body, "application/json; charset=utf-8"));

        using var answer = await hop.Client().GetAsync(new Uri(Rest, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal((404, Body, "application/json; charset=utf-8"), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer.Content.Headers.ContentType!.ToString()));
        Assert.False(answer.Headers.Contains("Proxy-Status"));
    }
}
