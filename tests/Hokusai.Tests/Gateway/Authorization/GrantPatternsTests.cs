using Hokusai.Gateway.Authorization;

namespace Hokusai.Tests.Gateway.Authorization;

public sealed class GrantPatternsTests
{
    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "A", false)]
    [InlineData("a", "ab", false)]
    [InlineData("a*", "a", true)]
    [InlineData("a*", "abc", true)]
    [InlineData("*c", "abc", true)]
    [InlineData("a*c*e", "abcde", true)]
    [InlineData("a*c*e", "abcdef", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("a?c", "a\U0001F600c", true)]
    [InlineData("*?c", "\U0001F600c", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("*", "", true)]
    [InlineData("***", "abc", true)]
    [InlineData("team.a/*", "team.a/x/y", true)]
    [InlineData("[a]", "a", false)]
    public void Matches_APatternAndAName_AsWritten(string pattern, string name, bool matches) => Assert.Equal(matches, GrantPatterns.Matches(pattern, name));

    [Theory]
    [InlineData("*", "x", true, "*")]
    [InlineData("*|!secret*", "secret-1", false, "!secret*")]
    [InlineData("!secret*|*", "secret-1", false, "!secret*")]
    [InlineData("!secret*|secret-1", "secret-1", false, "!secret*")]
    [InlineData("!secret*|*", "open", true, "*")]
    [InlineData("!secret*", "open", false, null)]
    [InlineData("a|b", "c", false, null)]
    public void Reach_Patterns_DenialWinsAndNothingIsReachedByDefault(string patterns, string name, bool reached, string? decides)
    {
        Assert.Equal(reached, GrantPatterns.Reach(patterns.Split('|'), name, out var pattern));
        Assert.Equal(decides, pattern);
    }

    [Fact]
    public void Reach_NoPatternsAtAll_IsNoLimitAndAnEmptyListIsNone()
    {
        Assert.True(GrantPatterns.Reach(null, "x", out _));
        Assert.False(GrantPatterns.Reach([], "x", out _));
        Assert.False(GrantPatterns.Reach([null!], "", out _));
    }

    [Fact(Timeout = 60_000)]
    public Task Matches_APatternMadeToBeSlow_IsNot() => Task.Run(() => Assert.False(GrantPatterns.Matches(string.Concat(Enumerable.Repeat("*a", 200)) + "b", new string('a', 5000))), TestContext.Current.CancellationToken);
}
