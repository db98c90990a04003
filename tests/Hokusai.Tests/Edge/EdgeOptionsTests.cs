using Hokusai.Contracts.Routing;
using Hokusai.Edge;

namespace Hokusai.Tests.Edge;

/// <summary>What the edge does not start with.</summary>
public sealed class EdgeOptionsTests
{
    private static readonly Dictionary<string, TargetGroup> Groups = new() { ["api"] = new TargetGroup { Name = "api", Port = 80 } };

    [Theory]
    [InlineData("http://127.0.0.1:8001", true)]
    [InlineData("https://api.test", true)]
    [InlineData("127.0.0.1:8001", false)]
    [InlineData("http://api.test/path", false)]
    public void Faults_AddressOfATarget_IsSchemeHostAndPort(string address, bool good)
    {
        var faults = new EdgeOptions { Targets = new Dictionary<string, IReadOnlyList<string>> { ["api"] = ["http://other.test", address] } }.FaultsWith(Table());

        Assert.Equal(good ? [] : [$"edge targets 'api' '{address}': write http://HOST:PORT"], faults);
    }

    [Fact]
    public void Faults_TargetGroupThatIsNone_IsNamedWithThoseThereAre() => Assert.Equal(
        ["edge targets 'apo': is not among the target groups api"],
        new EdgeOptions { Targets = new Dictionary<string, IReadOnlyList<string>> { ["apo"] = [] } }.FaultsWith(Table()));

    [Fact]
    public void Faults_WhatTheMiniatureHasNot_IsNotSilentlyLeftOut() => Assert.Equal(
        [
            "rule 'sign-in': the miniature has no action 'authenticate-oidc'; it forwards, redirects and gives fixed responses",
            "rule 'far': forwards to 'elsewhere', which is not among the target groups api",
            "rule 'regex': the miniature has no condition 'path-pattern regex'; write it with wildcards",
        ],
        new EdgeOptions().FaultsWith(Table(
            new ListenerRule("sign-in", 1, [], new OtherAction("authenticate-oidc")),
            new ListenerRule("far", 2, [], new ForwardAction("elsewhere")),
            new ListenerRule("regex", 3, [new OtherCondition("path-pattern regex", ["^/x"])], new ForwardAction("api")))));

    private static RoutingTable Table(params ListenerRule[] rules) => new(new FixedResponseAction(new FixedResponse(404, "text/plain", "")), Groups, rules);
}
