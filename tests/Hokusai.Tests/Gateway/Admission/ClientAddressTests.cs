using System.Net;
using Hokusai.Gateway.Admission;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Tests.Gateway.Admission;

public sealed class ClientAddressTests
{
    private static readonly ClientAddress Addresses = new([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8")]);

    [Theory]
    [InlineData("198.51.100.1", "203.0.113.9", "198.51.100.1")]
    [InlineData("10.0.0.1", null, "10.0.0.1")]
    [InlineData("10.0.0.1", "203.0.113.9", "203.0.113.9")]
    [InlineData("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.7", "203.0.113.9")]
    [InlineData("10.0.0.1", "10.9.9.9, 10.0.0.7", "10.9.9.9")]
    [InlineData("10.0.0.1", "203.0.113.9:4711", "203.0.113.9")]
    [InlineData("10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "\"[2001:db8::1]:4711\"", "2001:db8::1")]
    [InlineData("10.0.0.1", "[2001:db8::1], [fd00::1]:80", "2001:db8::1")]
    [InlineData("10.0.0.1", "203.0.113.9, unknown, 10.0.0.7", "10.0.0.7")]
    [InlineData("10.0.0.1", "203.0.113.9, 1", "10.0.0.1")]
    [InlineData("10.0.0.1", "0x7f.0.0.1", "10.0.0.1")]
    [InlineData("10.0.0.1", "[203.0.113.9]", "10.0.0.1")]
    [InlineData("10.0.0.1", "[::1", "10.0.0.1")]
    [InlineData("10.0.0.1", ",,,", "10.0.0.1")]
    [InlineData("10.0.0.1", "", "10.0.0.1")]
    public void Of_Chain_IsWalkedFromTheRightOverTrustedProxies(string peer, string? forwarded, string expected)
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Parse(peer);
        if (forwarded is not null) http.Request.Headers["X-Forwarded-For"] = forwarded;

        Assert.Equal(expected, Addresses.Of(http));
    }

    [Theory]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("10.1.2.3", "10.1.2.3/32")]
    [InlineData("2001:db8::1/32", "2001:db8::/32")]
    [InlineData("10.0.0.0/33", null)]
    [InlineData("10.0.0.0/-1", null)]
    [InlineData("10.0.0.0/", null)]
    [InlineData("office", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void TryParseNetwork_AsPeopleWriteIt(string? text, string? expected) =>
        Assert.Equal(expected, ClientAddress.TryParseNetwork(text, out var network) ? network.ToString() : null);
}
