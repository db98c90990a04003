using Hokusai.Tracking.Protocol;

namespace Hokusai.Tests.Tracking.Protocol;

public sealed class RulesTests
{
    [Theory]
    [InlineData("loss")]
    [InlineData("val/loss.1-b_c: d")]
    [InlineData("größe/精度/точность")]
    [InlineData("हिन्दी")]
    [InlineData("area_m²")]
    [InlineData("½/Ⅷ")]
    [InlineData("𝒜")]
    [InlineData(".x/..y/...")]
    [InlineData(" ")]
    [InlineData("mlflow.source.name")]
    public void Key_GoodName_IsKept(string key) => Assert.Equal(key, Rules.Key("metric", key));

    [Theory]
    [InlineData("a,b")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    [InlineData("a\0")]
    [InlineData("a%b")]
    [InlineData("a@b")]
    [InlineData("a😀")]
    public void Key_OddCharacter_IsRefused(string key) => Assert.Equal(
        $"Invalid metric name: '{key}'. Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).",
        Refusal.Of(() => Rules.Key("metric", key)));

    [Theory]
    [InlineData("/a", "")]
    [InlineData("a/", "a")]
    [InlineData("a//b", "a/b")]
    [InlineData("./a", "a")]
    [InlineData("a/./b", "a/b")]
    [InlineData("a/../b", "b")]
    [InlineData("a/..", "")]
    [InlineData(".", "")]
    [InlineData("..", "")]
    [InlineData("../a", "")]
    [InlineData("..a", "")]
    [InlineData("/", "")]
    public void Key_NameThatIsAnotherPath_IsRefused(string key, string resolved) => Assert.Equal(
        $"Invalid tag name: '{key}'. Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '{resolved}'",
        Refusal.Of(() => Rules.Key("tag", key)));

    [Theory]
    [InlineData("a")]
    [InlineData("𝒜")]
    public void Key_Length_CountsCodePoints(string character)
    {
        var longest = string.Concat(Enumerable.Repeat(character, 250));
        Assert.Equal(longest, Rules.Key("param", longest));
        Assert.Contains("exceeds the maximum length of 250 characters, it has 251", Refusal.Of(() => Rules.Key("param", longest + character)), StringComparison.Ordinal);
    }

    [Fact]
    public void NotLonger_LongText_QuotesOnlyItsStart()
    {
        var message = Refusal.Of(() => Rules.NotLonger("description", new string('x', 100_000), 5000));
        Assert.Equal($"Invalid description: '{new string('x', 50)}…' exceeds the maximum length of 5000 characters, it has 100000", message);
    }

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc")]
    [InlineData("😀😀😀", 3, "😀😀😀")]
    [InlineData("😀😀😀😀", 3, "😀😀😀")]
    [InlineData("a😀b", 2, "a😀")]
    [InlineData("a😀b", 0, "")]
    [InlineData("", 3, "")]
    public void Cut_Text_NeverSplitsACharacter(string text, int most, string expected) => Assert.Equal(expected, Rules.Cut(text, most));

    [Theory]
    [InlineData(0)]
    [InlineData(long.MaxValue)]
    public void Timestamp_NotNegative_IsKept(long value) => Assert.Equal(value, Rules.Timestamp(value));

    [Fact]
    public void Timestamp_Negative_IsRefused() =>
        Assert.Equal("Got invalid timestamp -1. Timestamp must be a nonnegative long (64-bit integer)", Refusal.Of(() => Rules.Timestamp(-1)));
}
