using Hokusai.Edge.Balancing;

namespace Hokusai.Tests.Edge.Balancing;

public sealed class TargetAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8001", "http://127.0.0.1:8001", "127.0.0.1:8001")]
    [InlineData("http://api.test/", "http://api.test:80", "api.test:80")]
    [InlineData("https://[::1]:8443", "https://[::1]:8443", "[::1]:8443")]
    public void TryParse_Address_HasItsPort(string text, string url, string authority)
    {
        Assert.True(TargetAddress.TryParse(text, out var address));
        Assert.Equal(new TargetAddress(url, authority), address);
    }

    [Theory]
    [InlineData("api:8001")]
    [InlineData("ftp://api")]
    [InlineData("http://api/path")]
    [InlineData("http://api?x")]
    [InlineData("http://user@api")]
    [InlineData("")]
    public void TryParse_WhatIsNoTarget_IsRefused(string text) => Assert.False(TargetAddress.TryParse(text, out _));
}
