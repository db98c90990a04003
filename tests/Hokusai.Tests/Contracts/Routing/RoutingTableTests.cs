using System.Net;
using Hokusai.Contracts.Routing;

namespace Hokusai.Tests.Contracts.Routing;

/// <summary>The table that is shipped, rule by rule.</summary>
public sealed class RoutingTableTests
{
    private static readonly IPNetwork[] Office = [IPNetwork.Parse("10.20.0.0/16"), IPNetwork.Parse("2001:db8::/32")];

    private static readonly RoutingTable Table = Shipped(Office);

    [Theory]
    [InlineData("/api/mlflow", "mlflow-api", "api")]
    [InlineData("/api/mlflow/", "mlflow-api", "api")]
    [InlineData("/api/mlflow/api/2.0/mlflow/runs/create", "mlflow-api", "api")]
    [InlineData("/api/mlflow/../../mlflow/x", "mlflow-api", "api")]
    [InlineData("/api/v1/keys", "keys", "auth")]
    [InlineData("/api/v1/keys/validate", "keys", "auth")]
    [InlineData("/api", "api", "api")]
    [InlineData("/api/", "api", "api")]
    [InlineData("/api/mlflowx", "api", "api")]
    [InlineData("/api/v1/keysx", "api", "api")]
    [InlineData("/api/2.0/mlflow/runs/create", "api", "api")]
    [InlineData("/api/%6dlflow", "api", "api")]
    public void Match_AnySource_TakesTheRuleOfTheDesign(string path, string rule, string target)
    {
        foreach (var source in new[] { IPAddress.Parse("203.0.113.9"), IPAddress.Parse("10.20.1.2"), null })
        {
            var found = Match(Table, path, source);
            Assert.Equal((rule, target), (found?.Name, found?.Action.TargetNames.Single()));
        }
    }

    [Theory]
    [InlineData("/mlflow/api/2.0/mlflow/experiments/search", "mlflow-direct-rest", "/api/2.0/mlflow/experiments/search")]
    [InlineData("/mlflow/api/", "mlflow-direct-rest", "/api/")]
    [InlineData("/mlflow/api/a%2Fb/../c", "mlflow-direct-rest", "/api/a%2Fb/../c")]
    [InlineData("/mlflow/api/mlflow/api/x", "mlflow-direct-rest", "/api/mlflow/api/x")]
    [InlineData("/mlflow/api", "mlflow-direct-ui", "/mlflow/api")]
    [InlineData("/mlflow", "mlflow-direct-ui", "/mlflow")]
    [InlineData("/mlflow/static-files/main.js", "mlflow-direct-ui", "/mlflow/static-files/main.js")]
    public void Match_DirectAccess_IsForTheConfiguredNetworksOnly(string path, string rule, string rewritten)
    {
        foreach (var inside in new[] { "10.20.0.1", "10.20.255.254", "2001:db8::7" })
        {
            var found = Match(Table, path, IPAddress.Parse(inside));
            Assert.Equal((rule, "mlflow"), (found?.Name, found?.Action.TargetNames.Single()));
            Assert.Equal(rewritten, Table.Rewrite(found!, path));
        }
        foreach (var outside in new[] { "10.21.0.1", "203.0.113.9", "127.0.0.1", "::1" }) Assert.Null(Match(Table, path, IPAddress.Parse(outside)));
        Assert.Null(Match(Table, path, null));
        Assert.Null(Match(Shipped([]), path, IPAddress.Parse("10.20.0.1")));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("")]
    [InlineData("/apix")]
    [InlineData("/API/mlflow")]
    [InlineData("//api/mlflow")]
    [InlineData("/mlflowx")]
    [InlineData("/graphql")]
    [InlineData("/health")]
    public void Match_AnyOtherPath_GetsTheDefaultAnswer(string path) => Assert.Null(Match(Table, path, IPAddress.Parse("10.20.0.1")));

    [Fact]
    public void Rewrite_RuleWithoutRewrite_LeavesThePath()
    {
        var rule = Table.Rules.Single(r => r.Name == "mlflow-api");
        Assert.Equal("/mlflow/api/x", Table.Rewrite(rule, "/mlflow/api/x"));
    }

    [Fact]
    public void Rules_Shipped_AreThoseOfTheDesignInOrderOfPriority() => Assert.Equal(
        [
            (10, "/api/mlflow /api/mlflow/*", "api", false),
            (20, "/api/v1/keys /api/v1/keys/*", "auth", false),
            (30, "/api /api/*", "api", false),
            (40, "/mlflow/api/*", "mlflow", true),
            (50, "/mlflow /mlflow/*", "mlflow", true),
        ],
        Table.Rules.Select(rule => (rule.Priority, string.Join(' ', rule.Paths), rule.Action.TargetNames.Single(), rule.HasSources)));

    [Fact]
    public void Targets_Shipped_HaveThePortsAndHealthChecksOfTheDesign() => Assert.Equal(
        [("api", 8001, "/health"), ("auth", 8002, "/health"), ("mlflow", 5000, "/health")],
        Table.Targets.OrderBy(target => target.Key).Select(target => (target.Key, target.Value.Port, target.Value.HealthCheck!.Path)));

    [Fact]
    public void Default_Shipped_IsA404ThatMlflowsClientsRead()
    {
        var answer = Assert.IsType<FixedResponseAction>(Table.Default).Response;
        Assert.Equal((404, "application/json"), (answer.Status, answer.ContentType));
        using var body = System.Text.Json.JsonDocument.Parse(answer.Body);
        Assert.Equal("ENDPOINT_NOT_FOUND", body.RootElement.GetProperty("error_code").GetString());
    }

    private static ListenerRule? Match(RoutingTable table, string path, IPAddress? source) => table.Match(new ListenerRequest { Method = "POST", Host = "any.example", Path = path, Source = source });

    private static RoutingTable Shipped(IPNetwork[] directAccess)
    {
        var faults = RoutingTable.TryBuild(RoutingDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "routes.json"))), directAccess, out var table);
        Assert.Empty(faults);
        return table!;
    }
}
