using Hokusai.Contracts.Keys;

namespace Hokusai.Tests.Contracts.Keys;

public sealed class KeyRedactorTests
{
    private static readonly string Key = ApiKey.Mint().Reveal();

    [Theory]
    [InlineData("<key>", "hk_live_…")]
    [InlineData("/api/<key>/x?key=<key>&a=b", "/api/hk_live_…/x?key=hk_live_…&a=b")]
    [InlineData("Bearer \"<key>\" refused", "Bearer \"hk_live_…\" refused")]
    [InlineData("<key>%0A", "hk_live_…")]
    [InlineData("nothing here", "nothing here")]
    [InlineData("", "")]
    [InlineData("hk_live_", "hk_live_")]
    [InlineData("a key is hk_live_ and 32 characters", "a key is hk_live_ and 32 characters")]
    public void Redact_Text_CutsEveryKey(string text, string expected) =>
        Assert.Equal(expected, KeyRedactor.Redact(text.Replace("<key>", Key, StringComparison.Ordinal)));

    [Fact]
    public void Redact_TestKey_KeepsItsPrefix() => Assert.Equal("x hk_test_… y", KeyRedactor.Redact($"x {ApiKey.Mint(test: true).Reveal()} y"));

    [Fact]
    public void Redact_Display_StaysAsItIs()
    {
        var display = ApiKey.Mint().Display;
        Assert.Equal(display, KeyRedactor.Redact(display));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(20)]
    [InlineData(31)]
    public void Redact_PartOfAKey_IsCutToo(int characters) => Assert.Equal("hk_live_…", KeyRedactor.Redact(Key[..(8 + characters)]));

    [Fact]
    public void Redact_KeyWithAnEscapedCharacter_IsCutWhole()
    {
        var escaped = Key[..20] + Uri.HexEscape(Key[20]) + Key[21..];
        Assert.Equal("/hk_live_…/x", KeyRedactor.Redact($"/{escaped}/x"));
    }

    [Theory]
    [InlineData("%5F")]
    [InlineData("%5f")]
    [InlineData("%255F")]
    [InlineData("%25255f")]
    public void Redact_KeyWithEscapedUnderscores_IsCutToo(string underscore)
    {
        var secret = Key[8..];
        foreach (var escaped in new[] { "hk" + underscore + "live_" + secret, "hk_live" + underscore + secret, Key.Replace("_", underscore, StringComparison.Ordinal) })
        {
            var shown = KeyRedactor.Redact($"GET /{escaped}/x");
            Assert.DoesNotContain(secret[4..], shown, StringComparison.Ordinal);
            Assert.EndsWith("…/x", shown, StringComparison.Ordinal);
        }
    }
}
