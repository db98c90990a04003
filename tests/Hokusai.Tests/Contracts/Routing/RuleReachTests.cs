using System.Net;
using Hokusai.Contracts.Routing;

namespace Hokusai.Tests.Contracts.Routing;

/// <summary>Rules that earlier ones hide.</summary>
public sealed class RuleReachTests
{
    [Theory]
    [InlineData("/api/*", "/api/*", true)]
    [InlineData("/api/*", "/api/mlflow/*", true)]
    [InlineData("/api*", "/api", true)]
    [InlineData("*", "/x", true)]
    [InlineData("*", "", true)]
    [InlineData("/a?c", "/abc", true)]
    [InlineData("/a?c", "/a?c", true)]
    [InlineData("/a*c", "/a?c", true)]
    [InlineData("/*/*", "/a*/b*", true)]
    [InlineData("/a**", "/a*", true)]
    [InlineData("/api/*", "/api", false)]
    [InlineData("/api/*", "/api*", false)]
    [InlineData("/api/mlflow/*", "/api/*", false)]
    [InlineData("/a?c", "/a*c", false)]
    [InlineData("/a?", "/a*", false)]
    [InlineData("/abc", "/a?c", false)]
    [InlineData("/a*b", "/a*", false)]
    [InlineData("", "*", false)]
    public void Covers_Patterns_SaysWhetherOneHoldsTheOther(string wide, string narrow, bool expected) => Assert.Equal(expected, PathPattern.Covers(wide, narrow));

    // What is said to cover must match whatever the covered one matches.
    [Fact]
    public void Covers_ManyPatterns_AgreesWithMatching()
    {
        const string Letters = "ab*?";
        var random = new Random(4);
        string Word(string letters, int most) => string.Concat(Enumerable.Range(0, random.Next(most)).Select(_ => letters[random.Next(letters.Length)]));
        var texts = Enumerable.Range(0, 300).Select(_ => Word("ab", 6)).Append("").Distinct().ToList();
        var covering = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var (wide, narrow) = (Word(Letters, 5), Word(Letters, 5));
            if (!PathPattern.Covers(wide, narrow)) continue;
            covering++;
            Assert.All(texts.Where(text => PathPattern.Matches(narrow, text)), text => Assert.True(PathPattern.Matches(wide, text), $"'{wide}' was said to cover '{narrow}', but '{text}'"));
        }
        Assert.True(covering > 1000);
    }

    [Fact]
    public void Unreachable_CatchAllFirst_NamesEachPatternAndWhoTakesIt()
    {
        var hidden = Assert.Single(RuleReach.Unreachable([Rule("all", 1, ["/api*"]), Rule("mlflow", 2, ["/api/mlflow", "/api/mlflow/*"]), Rule("ui", 3, ["/mlflow"])]));
        Assert.Equal("mlflow", hidden.Rule.Name);
        Assert.Equal("'/api/mlflow' is taken by rule 'all' (priority 1), '/api/mlflow/*' is taken by rule 'all' (priority 1)", hidden.Reason);
    }

    [Fact]
    public void Unreachable_OnePatternStillReached_IsNotNamed() => Assert.Empty(RuleReach.Unreachable([Rule("some", 1, ["/api/*"]), Rule("rest", 2, ["/api", "/api/x"])]));

    [Fact]
    public void Unreachable_EarlierRuleHasAConditionMore_IsNotNamed()
    {
        RuleCondition[] more =
        [
            new MethodCondition(["GET"]), new HostCondition(["a.example"]), new SourceCondition([IPNetwork.Parse("192.0.2.0/24")]),
            new HeaderCondition("X-Beta", ["1"]), new QueryCondition([new QueryPattern("1", "v")]), new OtherCondition("path-pattern", ["^/x"]),
        ];
        Assert.All(more, condition => Assert.Empty(RuleReach.Unreachable([Rule("some", 1, ["*"], condition), Rule("rest", 2, ["/x"])])));
    }

    [Fact]
    public void Unreachable_LaterRuleIsNarrowerInEveryCondition_IsNamed()
    {
        (RuleCondition Wide, RuleCondition Narrow)[] pairs =
        [
            (new MethodCondition(["GET", "HEAD"]), new MethodCondition(["HEAD"])),
            (new HostCondition(["*.Example"]), new HostCondition(["a.example"])),
            (new SourceCondition([IPNetwork.Parse("192.0.2.0/24")]), new SourceCondition([IPNetwork.Parse("192.0.2.128/25")])),
            (new HeaderCondition("X-Beta", ["1*"]), new HeaderCondition("x-beta", ["12"])),
            (new QueryCondition([new QueryPattern("1", "v"), new QueryPattern("2")]), new QueryCondition([new QueryPattern("2")])),
        ];
        Assert.All(pairs, pair => Assert.Single(RuleReach.Unreachable([Rule("wide", 1, ["/*"], pair.Wide), Rule("narrow", 2, ["/x"], pair.Narrow)])));
        Assert.All(pairs, pair => Assert.Empty(RuleReach.Unreachable([Rule("narrow", 1, ["/*"], pair.Narrow), Rule("wide", 2, ["/x"], pair.Wide)])));
    }

    [Fact]
    public void Unreachable_RuleWithoutPaths_IsHiddenByOneThatTakesAll()
    {
        Assert.Single(RuleReach.Unreachable([Rule("all", 1, []), new ListenerRule("host", 2, [new HostCondition(["a.example"])], new ForwardAction("api"))]));
        Assert.Empty(RuleReach.Unreachable([Rule("some", 1, ["/*"]), new ListenerRule("host", 2, [new HostCondition(["a.example"])], new ForwardAction("api"))]));
    }

    private static ListenerRule Rule(string name, int priority, string[] paths, params RuleCondition[] more) =>
        new(name, priority, [.. paths.Length == 0 ? Array.Empty<RuleCondition>() : [new PathCondition(paths)], .. more], new ForwardAction("api"));
}
