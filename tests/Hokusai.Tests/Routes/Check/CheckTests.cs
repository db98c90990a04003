using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hokusai.Tests.Routes.Check;

/// <summary><c>hokusai routes check</c>.</summary>
public sealed class CheckTests : IDisposable
{
    private readonly RoutesRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Check_StandardRoutes_HasNothingToSay()
    {
        var (code, output) = await RoutesRun.RunAsync("check");
        Assert.Equal(0, code);
        Assert.EndsWith("routes.json: 5 rules, 0 faults, 0 warnings\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Faults_AreAllNamedWithTheirCodes()
    {
        var (code, output) = await CheckAsync(routes =>
        {
            Rule(routes, 0)["target"] = "mlflow";
            Rule(routes, 1)["priority"] = 0;
        });

        Assert.Equal(1, code);
        Assert.Contains("✗ priority-range: rule 'keys': priority 0 is not within 1 to 50000\n", output, StringComparison.Ordinal);
        Assert.StartsWith("✗ gateway-bypass: rule 'mlflow-api': sends /api/mlflow to mlflow, past the gateway and its key check; its target must be api\n", output, StringComparison.Ordinal);
        Assert.Contains("✗ direct-access-without-sources: ", output, StringComparison.Ordinal);
        Assert.EndsWith(" 5 rules, 3 faults, not looked at for warnings\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_RulesForDirectAccess_AreLookedAtWithoutNetworksToo() =>
        Assert.Contains("✗ unreachable-rule: ", (await CheckAsync(routes => Rule(routes, 4)["priority"] = 35)).Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("values-per-condition", "rule 30 (api): its path condition has 4 values")]
    [InlineData("head-missing", "rule 20 (keys): takes GET and not HEAD")]
    [InlineData("default-action", "default: answers 503")]
    [InlineData("unused-group", "target 'old': no rule uses it")]
    [InlineData("missing-twin", "rule 20 (keys): takes /api/v1/keys/* and not /api/v1/keys: GET /api/v1/keys goes to rule 30 (api): api; in the routes file, rule 'keys': set \"paths\": [\"/api/v1/keys\", \"/api/v1/keys/*\"]")]
    [InlineData("health-check-missing", "target 'auth': names no health check, so the load balancer asks for / as it does by itself")]
    [InlineData("health-check-path", "target group api: is checked at /hokusai/ready")]
    [InlineData("deregistration-delay", "target group mlflow: waits 300 s before a target is taken out")]
    public async Task Check_Warnings_AreNamedAndExitFine(string code, string text)
    {
        var (exit, output) = await CheckAsync(routes =>
        {
            Rule(routes, 2)["paths"] = new JsonArray("/api", "/api/*", "/v2", "/v2/*");
            (Rule(routes, 1)["paths"], Rule(routes, 1)["methods"]) = (new JsonArray("/api/v1/keys/*"), new JsonArray("GET", "POST"));
            routes["default"]!["status"] = 503;
            var targets = routes["targets"]!;
            targets["old"] = new JsonObject { ["port"] = 9000, ["health_check"] = new JsonObject { ["path"] = "/" } };
            ((JsonObject)targets["auth"]!).Remove("health_check");
            targets["api"]!["health_check"]!["path"] = "/hokusai/ready";
            targets["mlflow"]!["deregistration_delay_seconds"] = 300;
        });

        Assert.Equal(0, exit);
        Assert.Contains($"· {code}: {text}", output, StringComparison.Ordinal);
        Assert.EndsWith(" 5 rules, 0 faults, 8 warnings\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Json_HoldsTheSame()
    {
        using var json = JsonDocument.Parse((await CheckAsync(routes => Rule(routes, 1)["priority"] = 0, "--json")).Output);
        var fault = Assert.Single(json.RootElement.GetProperty("faults").EnumerateArray());
        Assert.Equal(("priority-range", "rule 'keys': priority 0 is not within 1 to 50000"), (fault.GetProperty("code").GetString(), fault.GetProperty("text").GetString()));
        Assert.Equal(5, json.RootElement.GetProperty("rules").GetInt32());
    }

    private static JsonNode Rule(JsonNode routes, int index) => routes["rules"]![index]!;

    private async Task<(int Code, string Output)> CheckAsync(Action<JsonNode> change, params string[] more)
    {
        var routes = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "routes.json"), TestContext.Current.CancellationToken))!;
        change(routes);
        return await RoutesRun.RunAsync(["check", "--routes", _run.Write("routes.json", routes.ToJsonString()), .. more]);
    }
}
