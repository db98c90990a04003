using Hokusai.Contracts.Routing;

namespace Hokusai.Tests.Contracts.Routing;

public sealed class PathPatternTests
{
    [Theory]
    [InlineData("/api/*", "/api/", true)]
    [InlineData("/api/*", "/api/x", true)]
    [InlineData("/api/*", "/api/x/y/../z?", true)]
    [InlineData("/api/*", "/api", false)]
    [InlineData("/api/*", "/apix", false)]
    [InlineData("/api/*", "/API/x", false)]
    [InlineData("/api/*", "//api/x", false)]
    [InlineData("/api/*", "x/api/x", false)]
    [InlineData("/api*", "/api", true)]
    [InlineData("/api*", "/apix", true)]
    [InlineData("/api*", "/ap", false)]
    [InlineData("/api", "/api", true)]
    [InlineData("/api", "/api/", false)]
    [InlineData("/api", "", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "/any/thing", true)]
    [InlineData("", "", true)]
    [InlineData("", "/", false)]
    [InlineData("/a?c", "/abc", true)]
    [InlineData("/a?c", "/a/c", true)]
    [InlineData("/a?c", "/ac", false)]
    [InlineData("/a?", "/a", false)]
    [InlineData("/a?*", "/ab", true)]
    [InlineData("/a?*", "/a", false)]
    [InlineData("*/b", "/a/b", true)]
    [InlineData("*/b", "/a/b/b", true)]
    [InlineData("*/b", "/a/bc", false)]
    [InlineData("/*/b/*", "/a/x/b/y", true)]
    [InlineData("/*/b/*", "/a/b", false)]
    [InlineData("/a**c", "/abc", true)]
    [InlineData("*ab", "aab", true)]
    [InlineData("*abc*abd", "abcabcabd", true)]
    [InlineData("/a.c", "/abc", false)]
    [InlineData("/a%2Fb", "/a%2fb", false)]
    public void Matches_Path_FollowsTheLoadBalancer(string pattern, string path, bool expected) => Assert.Equal(expected, PathPattern.Matches(pattern, path));

    [Theory]
    [InlineData("*.Example.com", "mlflow.EXAMPLE.COM", true)]
    [InlineData("mlflow.example.com", "MLFLOW.example.com", true)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("m?.example.com", "M1.example.com", true)]
    [InlineData("mlflow.example.com", "mlflow.example.org", false)]
    public void MatchesIgnoringCase_Host_FollowsTheLoadBalancer(string pattern, string host, bool expected) => Assert.Equal(expected, PathPattern.MatchesIgnoringCase(pattern, host));

    // A matcher that tries every combination would need longer than the universe has been there.
    [Fact(Timeout = 20_000)]
    public async Task Matches_PatternMadeToExplode_EndsAtOnce()
    {
        var pattern = string.Concat(Enumerable.Repeat("*a", 40)) + "*b";
        Assert.False(await Task.Run(() => PathPattern.Matches(pattern, new string('a', 20_000)), TestContext.Current.CancellationToken));
        Assert.True(await Task.Run(() => PathPattern.Matches(pattern, new string('a', 20_000) + "b"), TestContext.Current.CancellationToken));
    }
}
