using System.Text.Json;

namespace Hokusai.Tests.Routes.Explain;

/// <summary><c>hokusai routes explain</c>.</summary>
public sealed class ExplainTests : IDisposable
{
    private readonly RoutesRun _run = new();

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("https://registry.example.org/api/mlflow/api/2.0/mlflow/experiments/search")]
    [InlineData("http://registry.example.org:8080/api/mlflow/api/2.0/mlflow/experiments/search")]
    [InlineData("HTTPS://user@registry.example.org/api/mlflow/api/2.0/mlflow/experiments/search#top")]
    [InlineData("/api/mlflow/api/2.0/mlflow/experiments/search")]
    public async Task Explain_MlflowsUrl_IsRule10UnchangedAndCutForMlflow(string url) => Assert.Equal(
        (0, $"""
        GET {url}
          rule         10 mlflow-api: path matches /api/mlflow/*
          target       api (port 8001)
          path         unchanged at the load balancer
          at MLflow    /api/2.0/mlflow/experiments/search
          endpoint     GET /api/2.0/mlflow/experiments/search, read, needs mlflow:read, retry safe, body metadata

        """), await RoutesRun.RunAsync("explain", "GET", url));

    [Fact]
    public async Task Explain_DirectAccess_NamesTheRuleOnlyFromItsNetworks()
    {
        string[] asked = ["explain", "GET", "/mlflow/api/2.0/mlflow/runs/get?run_id=1"];

        Assert.Contains("passed over  rule 40 (mlflow-direct-rest): is off: no networks for direct access were given", await TextAsync(asked), StringComparison.Ordinal);
        Assert.Contains("source 10.0.0.0/8 does not match an unknown address (--from gives one)", await TextAsync([.. asked, "--direct-access", "10.0.0.0/8"]), StringComparison.Ordinal);
        Assert.Contains("source 10.0.0.0/8 does not match 192.0.2.1", await TextAsync([.. asked, "--direct-access", "10.0.0.0/8", "--from", "192.0.2.1"]), StringComparison.Ordinal);
        var taken = await TextAsync([.. asked, "--direct-access", "10.0.0.0/8", "--from", "::ffff:10.1.1.1"]);
        Assert.Contains("rule         40 mlflow-direct-rest: path matches /mlflow/api/*, source is within 10.0.0.0/8", taken, StringComparison.Ordinal);
        Assert.Contains("path         rewritten at the load balancer to /api/2.0/mlflow/runs/get?run_id=1", taken, StringComparison.Ordinal);
        Assert.Contains("warning      past the gateway's key check", taken, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/api/v1/keys/validate", "endpoint     POST /api/v1/keys/validate of the auth service")]
    [InlineData("POST", "/api/v1/keys", "endpoint     none that the auth service offers through a load balancer: 404")]
    [InlineData("GET", "/api/mlflow/nothing", "endpoint     not in the catalogue: 404")]
    [InlineData("DELETE", "/api/mlflow/api/2.0/mlflow/runs/create", "endpoint     in the catalogue for POST alone: 405")]
    [InlineData("GET", "/api/mlflow/hokusai/session", "endpoint     the gateway's own; it does not go to MLflow")]
    [InlineData("POST", "/api/mlflow/api/2.0/mlflow/runs/create", "write, needs mlflow:write, retry shielded")]
    [InlineData("GET", "/API/mlflow", "rule         default: no rule takes it")]
    [InlineData("GET", "/api%2Fmlflow/x", "rule         default: no rule takes it")]
    [InlineData("GET", "/api//mlflow", "rule         30 api: path matches /api/*")]
    [InlineData("GET", "/mlflow/../api", "answer       fixed response 404 application/json")]
    [InlineData("GET", "/api/mlflow/api/2.0/mlflow-artifacts/artifacts/a%2Fb", "at MLflow    /api/2.0/mlflow-artifacts/artifacts/a%2Fb")]
    public async Task Explain_Url_SaysWhatBecomesOfIt(string method, string url, string line) => Assert.Contains(line, await TextAsync("explain", method, url), StringComparison.Ordinal);

    [Fact]
    public async Task Explain_RealListener_JudgesHostHeaderAndMethod()
    {
        var listener = new AwsListener().Rule(1, Aws.Forward("api"), [Aws.Host("registry.example.org"), Aws.Method("GET")]).Rule(2, Aws.Forward("canary"), [Aws.Header("X-Beta", "1*")]).Rule(3, Aws.Forward("api"), [Aws.PathRegex("^/z")]).Rule(4, Aws.Forward(("api", 9), ("canary", 1)), [Aws.Query("v", "1")]);
        var rules = _run.Write("rules.json", listener.Rules());

        Assert.Contains("rule         1: host matches registry.example.org, method is GET", await TextAsync("explain", "GET", "https://Registry.example.org:443/x", "--describe", rules), StringComparison.Ordinal);
        var text = await TextAsync("explain", "POST", "/x?v=1", "--header", "Host: registry.example.org:443", "--header", "x-beta: 2", "--describe", rules);
        Assert.Contains("passed over  rule 1: method GET does not match POST", text, StringComparison.Ordinal);
        Assert.Contains("passed over  rule 2: header X-Beta: 1* does not match '2'", text, StringComparison.Ordinal);
        Assert.Contains("passed over  rule 3: path-pattern (regular expression) ^/z can't be judged here and is taken not to hold", text, StringComparison.Ordinal);
        Assert.Contains("target       api weight 9 of 10 + canary weight 1 of 10", text, StringComparison.Ordinal);
        Assert.Contains("endpoint     canary: not known", text, StringComparison.Ordinal);
        Assert.Contains("endpoint     canary: not in the catalogue: 404", await TextAsync("explain", "POST", "/x?v=1", "--api-group", "canary", "--describe", rules), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_SeveralListeners_TakesThatOfTheUrlsPort()
    {
        var (https, http) = (AwsListener.Good(), new AwsListener("HTTP", 80, "2222222222222222").DefaultTo(Aws.ToHttps()));
        string[] files = ["--describe", _run.Write("a", https.Rules()), _run.Write("b", http.Rules()), _run.Write("c", https.Listeners()), _run.Write("d", http.Listeners())];

        Assert.Contains("GET http://h/api/mlflow at HTTP:80", await TextAsync(["explain", "GET", "http://h/api/mlflow", .. files]), StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP:80", await TextAsync(["explain", "GET", "https://h/api/mlflow", .. files]), StringComparison.Ordinal);
        using var both = JsonDocument.Parse(await TextAsync(["explain", "GET", "/api/mlflow", "--json", .. files]));
        Assert.Equal(["HTTPS:443", "HTTP:80"], both.RootElement.EnumerateArray().Select(e => e.GetProperty("listener").GetString()!));
    }

    [Fact]
    public async Task Explain_Json_HoldsTheSame()
    {
        using var json = JsonDocument.Parse(await TextAsync("explain", "GET", "/api/mlflow/api/2.0/mlflow/experiments/search", "--json"));
        var one = Assert.Single(json.RootElement.EnumerateArray());
        Assert.Equal((10, false), (one.GetProperty("rule").GetProperty("priority").GetInt32(), one.GetProperty("path_changed").GetBoolean()));
        var end = Assert.Single(one.GetProperty("ends").EnumerateArray());
        Assert.Equal(["api", "/api/2.0/mlflow/experiments/search", "mlflow:read", "safe"], ((string[])["role", "path_at_mlflow", "scope", "retry"]).Select(name => end.GetProperty(name).GetString()!));
    }

    [Theory]
    [InlineData("G T", "/x", "method 'G T'")]
    [InlineData("GET", "x", "URL 'x': write https://HOST/PATH")]
    [InlineData("GET", "ftp://h/x", "URL 'ftp://h/x': write https://HOST/PATH")]
    [InlineData("GET", "https:///x", "has no host")]
    [InlineData("GET", "https://h:0/x", "port '0' is not within 1 to 65535")]
    [InlineData("GET", "/a b", "holds a blank")]
    public async Task Explain_NotARequest_IsRefused(string method, string url, string part)
    {
        var failure = await RoutesRun.RefusedAsync("explain", method, url);
        Assert.Equal(2, failure.ExitCode);
        Assert.Contains(part, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_OddOptions_AreRefused()
    {
        Assert.Contains("--from 'home': is no IP address", (await RoutesRun.RefusedAsync("explain", "GET", "/", "--from", "home")).Message, StringComparison.Ordinal);
        Assert.Contains("--header 'x': write it as 'Name: value'", (await RoutesRun.RefusedAsync("explain", "GET", "/", "--header", "x")).Message, StringComparison.Ordinal);
        Assert.Contains("--api-group 'none': there is no such target group, only api, auth, mlflow", (await RoutesRun.RefusedAsync("explain", "GET", "/", "--api-group", "none")).Message, StringComparison.Ordinal);
        Assert.Contains("--mlflow-group 'api': was given another role already", (await RoutesRun.RefusedAsync("explain", "GET", "/", "--api-group", "api", "--mlflow-group", "api")).Message, StringComparison.Ordinal);
    }

    private static async Task<string> TextAsync(params string[] arguments)
    {
        var (code, output) = await RoutesRun.RunAsync(arguments);
        Assert.Equal(0, code);
        return output;
    }
}
