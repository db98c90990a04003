using System.Net;
using Hokusai.Contracts.Routing;

namespace Hokusai.Tests.Contracts.Routing;

/// <summary>Conditions that the shipped table does not use, as AWS describes them.</summary>
public sealed class RuleConditionTests
{
    [Theory]
    [InlineData("v=1", "v", "1", true)]
    [InlineData("?v=1", "v", "1", true)]
    [InlineData("V=ONE", "v", "one", true)]
    [InlineData("a=0&v=12", "v", "1?", true)]
    [InlineData("v=2", "v", "1", false)]
    [InlineData("xv=1", "v", "1", false)]
    [InlineData("version=1", "v*", "*", true)]
    [InlineData("v", "v", "", true)]
    [InlineData("v=", "v", "", true)]
    [InlineData("", "v", "*", false)]
    [InlineData("a=canary", null, "canary", true)]
    [InlineData("canary=a", null, "canary", false)]
    [InlineData("v=%31", "v", "1", false)]
    [InlineData("v=a=b", "v", "a=b", true)]
    public void Query_FieldsAsTheyCame_AreCompared(string query, string? key, string value, bool expected) =>
        Assert.Equal(expected, new QueryCondition([new QueryPattern("never", "seen"), new QueryPattern(value, key)]).Holds(Request() with { Query = query }));

    [Theory]
    [InlineData("Mozilla/5.0 (X11)", "*mozilla*", true)]
    [InlineData("mlflow-python-client/3.4.1", "mlflow-*", true)]
    [InlineData("curl/8", "mlflow-*", false)]
    public void Header_Values_AreComparedWhateverTheirCase(string value, string pattern, bool expected) =>
        Assert.Equal(expected, new HeaderCondition("User-Agent", ["never", pattern]).Holds(Request() with { Header = name => name == "User-Agent" ? ["other", value] : [] }));

    [Fact]
    public void Header_Absent_NeverHolds() => Assert.False(new HeaderCondition("X-Beta", ["*"]).Holds(Request()));

    [Theory]
    [InlineData("192.0.2.9", true)]
    [InlineData("192.0.3.9", false)]
    [InlineData("2001:db8::1", true)]
    [InlineData("2001:db9::1", false)]
    [InlineData(null, false)]
    public void Source_Peer_MustBeInOneOfTheNetworks(string? source, bool expected) => Assert.Equal(
        expected,
        new SourceCondition([IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2001:db8::/32")]).Holds(Request() with { Source = source is null ? null : IPAddress.Parse(source) }));

    [Fact]
    public void Rule_SeveralConditions_MustAllHold()
    {
        var rule = new ListenerRule("r", 1, [new PathCondition(["/a*"]), new MethodCondition(["GET", "HEAD"]), new HeaderCondition("X-Beta", ["1"])], new ForwardAction("api"));
        var good = Request() with { Path = "/ab", Header = name => name == "X-Beta" ? ["1"] : [] };
        Assert.True(rule.Takes(good));
        Assert.False(rule.Takes(good with { Path = "/b" }));
        Assert.False(rule.Takes(good with { Method = "POST" }));
        Assert.False(rule.Takes(good with { Header = _ => [] }));
    }

    [Theory]
    [InlineData(0, "a")]
    [InlineData(9, "a")]
    [InlineData(10, "c")]
    [InlineData(29, "c")]
    public void Forward_Draw_FallsIntoTheSharesOfTheWeights(int draw, string expected)
    {
        var forward = new ForwardAction([new("a", 10), new("b", 0), new("c", 20)]);
        Assert.Equal(30, forward.TotalWeight);
        Assert.Equal(expected, forward.Choose(draw));
    }

    [Fact]
    public void Forward_NoWeights_ChoosesNothing() => Assert.Null(new ForwardAction([new WeightedTarget("a", 0)]).Choose(0));

    [Theory]
    [InlineData("200", 200, true)]
    [InlineData("200", 204, false)]
    [InlineData("200,204", 204, true)]
    [InlineData("200-299,401", 299, true)]
    [InlineData("200-299,401", 300, false)]
    [InlineData("200-299,401", 401, true)]
    public void Matcher_CodesAndRanges_AreRead(string text, int status, bool expected)
    {
        Assert.True(StatusMatcher.TryParse(text, out var matcher));
        Assert.Equal(expected, matcher.Matches(status));
    }

    [Theory]
    [InlineData("")]
    [InlineData("200,")]
    [InlineData("199")]
    [InlineData("500")]
    [InlineData("299-200")]
    [InlineData("200-201-202")]
    [InlineData("+200")]
    [InlineData("2xx")]
    public void Matcher_OtherTexts_AreRefused(string text) => Assert.False(StatusMatcher.TryParse(text, out _));

    private static ListenerRequest Request() => new() { Method = "GET", Path = "/" };
}
