using Hokusai.Keys.Peppers;

namespace Hokusai.Tests.Keys.Peppers;

public sealed class PepperSourceTests
{
    [Theory]
    [InlineData("2=file:/etc/hokusai/pepper", "2", "File", "/etc/hokusai/pepper")]
    [InlineData(" 2026-11=env:HOKUSAI_KEYS_PEPPER", "2026-11", "Environment", "HOKUSAI_KEYS_PEPPER")]
    [InlineData("a=secret:hokusai/pepper=new", "a", "Secret", "hokusai/pepper=new")]
    public void TryParse_GoodText_IsRead(string text, string id, string kind, string name)
    {
        Assert.True(PepperSource.TryParse(text, out var source));
        Assert.Equal((id, kind, name), (source.Id, source.Kind.ToString(), source.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("file:pepper")]
    [InlineData("2=pepper")]
    [InlineData("2=vault:pepper")]
    [InlineData("2=file:")]
    [InlineData("a b=file:x")]
    [InlineData("=file:x")]
    public void TryParse_OtherText_IsRefused(string text) => Assert.False(PepperSource.TryParse(text, out _));
}
