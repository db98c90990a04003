using System.Net;
using System.Text.Json;
using Hokusai.Contracts.Routing;

namespace Hokusai.Tests.Contracts.Routing;

/// <summary>Tables that must not start, and conditions that the shipped table does not use.</summary>
public sealed class RoutingTableFaultTests
{
    private static readonly FixedResponse NotFound = new(404, "application/json", "{}");
    private static readonly RouteRule Good = Rule("good", 10, ["/api/*"], "api");

    private static readonly IPNetwork[] Office = [IPNetwork.Parse("192.0.2.0/24")];

    private static readonly Dictionary<string, RouteTarget> Targets = new() { ["api"] = new RouteTarget(8001), ["mlflow"] = new RouteTarget(5000) };

    [Fact]
    public void TryBuild_NothingGiven_NamesTargetsAndDefault()
    {
        Assert.Equal(
            [
                "targets: none given; name at least the target groups that the rules use",
                "default: missing; the load balancer needs an answer for what no rule takes",
            ],
            RoutingTable.TryBuild(new RoutingDocument(null, null, null), [], out var table).Select(fault => fault.Text));
        Assert.Null(table);
    }

    [Theory]
    [InlineData(199)]
    [InlineData(301)]
    [InlineData(600)]
    [InlineData(0)]
    public void TryBuild_DefaultWithoutAStatus_IsRefused(int status) =>
        Assert.Equal([$"default: status {status} is none of 2xx, 4xx, 5xx, which a fixed response takes"], Faults(NotFound with { Status = status }, Good));

    [Fact]
    public void TryBuild_LongDefaultBody_NamesBothLengths()
    {
        Assert.Empty(Faults(NotFound with { Body = new string('x', 1024) }, Good));
        Assert.Equal(["default: its body has 1025 characters; a fixed response takes 1024 at most"], Faults(NotFound with { Body = new string('x', 1025) }, Good));
    }

    [Fact]
    public void TryBuild_TwinPriorities_NamesBothRules() =>
        Assert.Equal(["priority 10: used by good and other; give each rule its own"], Faults(Good, Good with { Name = "other" }));

    [Fact]
    public void TryBuild_TwinNames_NamesThem() =>
        Assert.Equal(["name 'good': used 2 times; give each rule its own"], Faults(Good, Good with { Priority = 11 }));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(50_001)]
    public void TryBuild_PriorityOutOfRange_NamesIt(int priority) =>
        Assert.Equal([$"rule 'good': priority {priority} is not within 1 to 50000"], Faults(Good with { Priority = priority }));

    [Theory]
    [InlineData(1)]
    [InlineData(50_000)]
    public void TryBuild_PriorityAtTheEdge_IsTaken(int priority) => Assert.Empty(Faults(Good with { Priority = priority }));

    [Fact]
    public void TryBuild_UnknownTarget_NamesTheKnownOnes() =>
        Assert.Equal(["rule 'good': target 'web' is not among the targets (api, mlflow)"], Faults(Good with { Target = "web" }));

    [Fact]
    public void TryBuild_NoCondition_IsRefused() => Assert.Equal(["rule 'good': has no condition; name at least a path"], Faults(Good with { Paths = null }));

    [Fact]
    public void TryBuild_EmptyCondition_IsRefused() => Assert.Equal(
        ["rule 'good': hosts is empty, so nothing can match it; name a value or leave it out", "rule 'good': methods is empty, so nothing can match it; name a value or leave it out"],
        Faults(Good with { Hosts = [], Methods = [] }));

    [Fact]
    public void TryBuild_TooManyValues_CountsPathsHostsAndMethods()
    {
        var full = Good with { Paths = ["/a", "/b"], Hosts = ["h.example"], Methods = ["GET", "HEAD"] };
        Assert.Empty(Faults(full));
        Assert.Equal(["rule 'good': has 6 condition values, the load balancer takes 5; split the rule"], Faults(full with { Hosts = ["h.example", "i.example"] }));
    }

    [Fact]
    public void TryBuild_TooManyWildcards_AreCountedOverAllValues()
    {
        var full = Good with { Paths = ["/*/?", "/**"], Hosts = ["*.example"] };
        Assert.Empty(Faults(full));
        Assert.Equal(["rule 'good': has more than 5 wildcards; split the rule"], Faults(full with { Hosts = ["*.?"] }));
    }

    [Fact]
    public void TryBuild_LongPattern_NamesIt()
    {
        var longest = "/" + new string('a', 127);
        Assert.Empty(Faults(Good with { Paths = [longest] }));
        Assert.Equal([$"rule 'good': pattern '{longest}b' is longer than 128 characters"], Faults(Good with { Paths = [longest + "b"] }));
    }

    [Fact]
    public void TryBuild_PathWithoutSlash_IsRefused()
    {
        Assert.Empty(Faults(Good with { Paths = ["*.js"] }));
        Assert.Equal(["rule 'good': path 'api/*' does not start with '/', so nothing can match it"], Faults(Good with { Paths = ["api/*"] }));
    }

    [Theory]
    [InlineData("/a b")]
    [InlineData("/ä")]
    [InlineData("/a%20b")]
    [InlineData("/{id}")]
    public void TryBuild_OddCharacter_IsRefused(string path) =>
        Assert.Equal([$"rule 'good': path '{path}' holds a character that the load balancer refuses in patterns"], Faults(Good with { Paths = [path] }));

    [Theory]
    [InlineData("/api/mlflow")]
    [InlineData("/api/mlflow/*")]
    [InlineData("/api/mlflow/api/2.0/*")]
    [InlineData("/api/*")]
    [InlineData("/api/mlfl?w/*")]
    [InlineData("/*")]
    [InlineData("*")]
    public void TryBuild_MlflowsPathPastTheGateway_IsRefused(string path)
    {
        var faults = Faults(Rule("past", 10, [path], "mlflow", direct: true));
        Assert.Equal(["rule 'past': sends /api/mlflow to mlflow, past the gateway and its key check; its target must be api"], faults);
    }

    [Fact]
    public void TryBuild_CatchAllBehindTheGatewaysRule_IsTaken() =>
        Assert.Empty(Faults(Rule("gateway", 10, ["/api/mlflow", "/api/mlflow/*"], "api"), Rule("rest", 20, ["/*"], "mlflow", direct: true)));

    [Fact]
    public void TryBuild_CatchAllBehindARuleForSomeMethods_IsRefused() => Assert.StartsWith(
        "rule 'rest': sends /api/mlflow to mlflow",
        Assert.Single(Faults(Rule("gateway", 10, ["/api/mlflow", "/api/mlflow/*"], "api") with { Methods = ["GET"] }, Rule("rest", 20, ["/*"], "mlflow", direct: true))),
        StringComparison.Ordinal);

    [Fact]
    public void TryBuild_MlflowWithoutDirectAccess_IsRefused() =>
        Assert.Equal(["rule 'good': goes to mlflow without direct_access; set it, so that only the configured source networks may use the rule"], Faults(Good with { Paths = ["/mlflow/*"], Target = "mlflow" }));

    [Theory]
    [InlineData("^/a(.*$")]
    [InlineData(@"^/(a)\1$")]
    public void TryBuild_RewriteThatCantBeRead_NamesIt(string regex) => Assert.StartsWith(
        $"rule 'good': rewrite regex '{regex}' can't be read: ", Assert.Single(Faults(Good with { Rewrite = new RewriteTransform(regex, "/$1") })), StringComparison.Ordinal);

    [Fact]
    public void TryBuild_ManyFaults_TellsAllAtOnce()
    {
        var faults = Faults(
            new FixedResponse(99, "text/plain", ""),
            Rule("one", 0, ["a b"], "web") with { Rewrite = new RewriteTransform("(", "/") },
            Rule("two", 0, ["/x"], "mlflow"));
        string[] openings =
        [
            "default: status 99", "priority 0: used by one and two", "rule 'one': priority 0", "rule 'one': path 'a b' does not start",
            "rule 'one': path 'a b' holds", "rule 'one': target 'web'", "rule 'one': rewrite regex '('", "rule 'two': priority 0", "rule 'two': goes to mlflow",
        ];
        Assert.Equal(openings.Length, faults.Count);
        Assert.All(faults, (fault, i) => Assert.StartsWith(openings[i], fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "a.example", "one")]
    [InlineData("get", "a.example", null)]
    [InlineData("POST", "a.example", null)]
    [InlineData("GET", "A.EXAMPLE", "one")]
    [InlineData("GET", "example", null)]
    public void Match_MethodAndHostConditions_AllMustHold(string method, string host, string? expected)
    {
        var table = Table(Rule("one", 5, ["/x/*"], "api") with { Hosts = ["*.example"], Methods = ["GET", "HEAD"] });
        Assert.Equal(expected, table.Match(new ListenerRequest { Method = method, Host = host, Path = "/x/y" })?.Name);
    }

    [Fact]
    public void Match_RulesInAnyOrder_TheLowestPriorityWins()
    {
        var table = Table(Good with { Name = "late", Priority = 300, Paths = ["*"] }, Good with { Name = "early", Priority = 2 }, Good with { Name = "middle", Priority = 30, Paths = ["/*"] });
        Assert.Equal("early", table.Match(new ListenerRequest { Method = "GET", Path = "/api/x" })?.Name);
        Assert.Equal(["early", "middle", "late"], table.Rules.Select(rule => rule.Name));
    }

    [Fact]
    public void Rewrite_SeveralPlaces_ChangesTheFirstOnly()
    {
        var table = Table(Good with { Rewrite = new RewriteTransform("/api", "/v2") });
        var rule = table.Rules[0];
        Assert.Equal("/v2/api/x", table.Rewrite(rule, "/api/api/x"));
        Assert.Equal("/other", table.Rewrite(rule, "/other"));
    }

    [Theory]
    [InlineData("""{"rulez": []}""", "rulez")]
    [InlineData("""{"rules": [{"name": "a", "target": "api"}], "default": null, "targets": null}""", "priority")]
    [InlineData("""{"rules": [{"name": null, "priority": 1, "paths": ["/"], "target": "api"}], "default": null, "targets": null}""", "name")]
    [InlineData("""{"rules": [{"name": "a", "priority": "1", "paths": ["/"], "target": "api"}], "default": null, "targets": null}""", "priority")]
    [InlineData("null", "null")]
    public void Parse_WrongForm_NamesTheField(string json, string named) =>
        Assert.Contains(named, Assert.Throws<JsonException>(() => RoutingDocument.Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_Comments_AreSkipped() => Assert.Null(RoutingDocument.Parse("""{"default": null, /* none */ "targets": null, "rules": null}""").Rules);

    private static RouteRule Rule(string name, int priority, string[] paths, string target, bool direct = false) => new() { Name = name, Priority = priority, Paths = paths, Target = target, DirectAccess = direct };

    private static IReadOnlyList<string> Faults(params RouteRule[] rules) => Faults(NotFound, rules);

    private static IReadOnlyList<string> Faults(FixedResponse fallback, params RouteRule[] rules)
    {
        var faults = RoutingTable.TryBuild(new RoutingDocument(fallback, Targets, rules), Office, out var table);
        Assert.Equal(faults.Count == 0, table is not null);
        return [.. faults.Select(fault => fault.Text)];
    }

    private static RoutingTable Table(params RouteRule[] rules)
    {
        Assert.Empty(RoutingTable.TryBuild(new RoutingDocument(NotFound, Targets, rules), Office, out var table));
        return table!;
    }
}
