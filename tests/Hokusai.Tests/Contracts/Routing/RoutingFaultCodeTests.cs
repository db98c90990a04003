using System.Net;
using Hokusai.Contracts.Routing;

namespace Hokusai.Tests.Contracts.Routing;

/// <summary>Each kind of fault by its code and by what its text names.</summary>
public sealed class RoutingFaultCodeTests
{
    private const string Rules = """{"name":"one","priority":10,"paths":["/x"],"target":"api"}""";

    public static TheoryData<string, string, string> Targets { get; } = new()
    {
        { """{"port":0}""", "port-range", "port 0" },
        { """{"port":80,"protocol":"TCP"}""", "target-protocol", "'TCP'" },
        { """{"port":80,"deregistration_delay_seconds":3601}""", "deregistration-delay-range", "3601" },
        { """{"port":80,"algorithm":"random"}""", "target-algorithm", "'random'" },
        { """{"port":80,"slow_start_seconds":29}""", "slow-start-range", "29" },
        { """{"port":80,"slow_start_seconds":30,"algorithm":"least_outstanding_requests"}""", "slow-start-range", "round_robin" },
        { """{"port":80,"health_check":{"path":"health"}}""", "health-check-range", "'health'" },
        { """{"port":80,"health_check":{"path":"/","matcher":"2xx"}}""", "health-check-range", "'2xx'" },
        { """{"port":80,"health_check":{"path":"/","interval_seconds":4,"timeout_seconds":2}}""", "health-check-range", "interval_seconds 4" },
        { """{"port":80,"health_check":{"path":"/","timeout_seconds":1}}""", "health-check-range", "timeout_seconds 1" },
        { """{"port":80,"health_check":{"path":"/","interval_seconds":30,"timeout_seconds":30}}""", "health-check-range", "not below interval_seconds 30" },
        { """{"port":80,"health_check":{"path":"/","healthy_threshold":1}}""", "health-check-range", "healthy_threshold 1" },
        { """{"port":80,"health_check":{"path":"/","unhealthy_threshold":11}}""", "health-check-range", "unhealthy_threshold 11" },
    };

    public static TheoryData<string, string, string> Written { get; } = new()
    {
        { """{"name":"r","priority":1,"paths":["/x"]}""", "action-count", "0 actions" },
        { """{"name":"r","priority":1,"paths":["/x"],"target":"api","fixed_response":{"status":200,"content_type":"text/plain","body":""}}""", "action-count", "2 actions" },
        { """{"name":"r","priority":1,"paths":["/x"],"forward":[]}""", "weight-range", "0 target groups" },
        { """{"name":"r","priority":1,"paths":["/x"],"forward":[{"target":"api","weight":1000}]}""", "weight-range", "1000" },
        { """{"name":"r","priority":1,"paths":["/x"],"forward":[{"target":"api","weight":0}]}""", "weight-range", "all weights are 0" },
        { """{"name":"r","priority":1,"paths":["/x"],"forward":[{"target":"api","weight":1},{"target":"api","weight":2}]}""", "weight-range", "2 times" },
        { """{"name":"r","priority":1,"paths":["/x"],"forward":[{"target":"web","weight":1}]}""", "unknown-target", "'web'" },
        { """{"name":"r","priority":1,"paths":["/x"],"redirect":{"status":307,"protocol":"HTTPS"}}""", "redirect", "307" },
        { """{"name":"r","priority":1,"paths":["/x"],"redirect":{"status":301}}""", "redirect", "itself" },
        { """{"name":"r","priority":1,"paths":["/x"],"redirect":{"status":301,"protocol":"FTP"}}""", "redirect", "'FTP'" },
        { """{"name":"r","priority":1,"paths":["/x"],"redirect":{"status":301,"port":"0"}}""", "redirect", "'0'" },
        { """{"name":"r","priority":1,"paths":["/x"],"redirect":{"status":301,"path":"y"}}""", "redirect", "'y'" },
        { """{"name":"r","priority":1,"paths":["/x"],"redirect":{"status":301,"host":""}}""", "redirect", "host is empty" },
        { """{"name":"r","priority":1,"paths":["/x"],"fixed_response":{"status":302,"content_type":"text/plain","body":""}}""", "fixed-response", "302" },
        { """{"name":"r","priority":1,"paths":["/x"],"fixed_response":{"status":200,"content_type":"image/png","body":""}}""", "fixed-response", "'image/png'" },
        { """{"name":"r","priority":1,"paths":["/x"],"fixed_response":{"status":200,"content_type":"text/plain","body":""},"rewrite":{"regex":"a","replace":"b"}}""", "rewrite", "no use" },
        { """{"name":"r","priority":1,"paths":["/x"],"target":"api","host_rewrite":{"regex":"(","replace":"b"}}""", "rewrite", "host_rewrite regex '('" },
        { """{"name":"r","priority":1,"target":"api"}""", "no-condition", "no condition" },
        { """{"name":"r","priority":1,"query":[{"values":[]}],"paths":["/x"],"target":"api"}""", "no-condition", "query" },
        { """{"name":"r","priority":1,"headers":[{"name":"X-A","values":[]}],"paths":["/x"],"target":"api"}""", "no-condition", "'X-A'" },
        { """{"name":"r","priority":1,"headers":[{"name":"X A","values":["1"]}],"target":"api"}""", "pattern-characters", "'X A'" },
        { """{"name":"r","priority":1,"headers":[{"name":"Host","values":["a.example"]}],"target":"api"}""", "pattern-characters", "use hosts" },
        { """{"name":"r","priority":1,"methods":["GE*"],"target":"api"}""", "pattern-characters", "'GE*'" },
        { """{"name":"r","priority":1,"hosts":["localhost"],"target":"api"}""", "pattern-characters", "'localhost'" },
        { """{"name":"r","priority":1,"hosts":["a.example1"],"target":"api"}""", "pattern-characters", "'a.example1'" },
        { """{"name":"r","priority":1,"paths":["/x"],"sources":["192.0.2.1/99"],"target":"api"}""", "source-network", "'192.0.2.1/99'" },
        { """{"name":"r","priority":1,"paths":["/x"],"sources":["255.255.255.255/32"],"target":"api"}""", "source-network", "'255.255.255.255/32'" },
        { """{"name":"r","priority":1,"paths":["/x"],"sources":["192.0.2.0/24"],"direct_access":true,"target":"mlflow"}""", "direct-access-without-sources", "leave one of them out" },
        { """{"name":"r","priority":1,"paths":["/x"],"target":"mlflow"}""", "direct-access-without-sources", "direct_access" },
        { """{"name":"r","priority":1,"hosts":["a.example"],"direct_access":true,"target":"mlflow"}""", "gateway-bypass", "/api/mlflow" },
        { """{"name":"r","priority":1,"paths":["/api/*"],"sources":["192.0.2.0/24"],"forward":[{"target":"api","weight":1},{"target":"mlflow","weight":1}]}""", "gateway-bypass", "/api/mlflow" },
        { """{"name":"r","priority":20,"paths":["/x"],"target":"api"}""", "unreachable-rule", "rule 'one' (priority 10)" },
        { """{"name":"r","priority":1,"paths":["/a","/b"],"hosts":["a.example","b.example"],"direct_access":true,"target":"mlflow"}""", "values-per-rule", "6 condition values" },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public void TryBuild_BadTargetGroup_HasTheCodeAndNamesTheValue(string target, string code, string named) =>
        Only(Faults($$"""{"api":{{target}}}""", Rules), code, named);

    [Theory]
    [MemberData(nameof(Written))]
    public void TryBuild_BadRule_HasTheCodeAndNamesTheValue(string rule, string code, string named) =>
        Only(Faults("""{"api":{"port":8001},"mlflow":{"port":5000}}""", $"{Rules},{rule}"), code, named);

    [Fact]
    public void TryBuild_HundredAndOneRules_AreTooMany()
    {
        var many = string.Join(',', Enumerable.Range(1, 101).Select(i => $$"""{"name":"r{{i}}","priority":{{i}},"paths":["/{{i}}"],"target":"api"}"""));
        Only(Faults("""{"api":{"port":8001}}""", many), "rule-count", "101");
    }

    [Fact]
    public void TryBuild_DirectAccessWithoutNetworks_LeavesTheRuleOut()
    {
        var document = RoutingDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "routes.json")));
        Assert.Empty(RoutingTable.TryBuild(document, [], out var without));
        Assert.Empty(RoutingTable.TryBuild(document, [IPNetwork.Parse("192.0.2.0/24")], out var with));
        Assert.Equal((3, 5), (without!.Rules.Count, with!.Rules.Count));
        Assert.All(with.Rules, rule => Assert.Equal(rule.Action.TargetNames.Contains("mlflow"), rule.HasSources));
    }

    private static void Only(IReadOnlyList<RoutingFault> faults, string code, string named)
    {
        var fault = Assert.Single(faults);
        Assert.Equal(code, fault.Code);
        Assert.Contains(named, fault.Text, StringComparison.Ordinal);
    }

    private static IReadOnlyList<RoutingFault> Faults(string targets, string rules)
    {
        var document = RoutingDocument.Parse($$"""{"default":{"status":404,"content_type":"application/json","body":"{}"},"targets":{{targets}},"rules":[{{rules}}]}""");
        return RoutingTable.TryBuild(document, [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("198.51.100.0/24")], out _);
    }
}
