using System.Net;
using Hokusai.Edge;
using Hokusai.Edge.Forwarding;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Tests.Edge.Forwarding;

/// <summary>The headers that a target gets in place of the client's.</summary>
public sealed class HeaderTests
{
    private const string Id = "1-67891234-12456789abcdef012345678a";

    [Theory]
    [InlineData(null, "Root=ID")]
    [InlineData("", "Root=ID")]
    [InlineData("Root=1-1-a", "Self=ID;Root=1-1-a")]
    [InlineData("Root=1-1-a;CalledFrom=app", "Self=ID;Root=1-1-a;CalledFrom=app")]
    [InlineData("Self=1-2-b;Root=1-1-a", "Self=ID;Root=1-1-a")]
    [InlineData("CalledFrom=app", "Root=ID;CalledFrom=app")]
    [InlineData("Self=1-2-b", "Root=ID")]
    [InlineData("nonsense", "Root=ID")]
    public void Trace_WhatCame_IsKeptBehindTheOwnId(string? before, string expected) => Assert.Equal(expected.Replace("ID", Id, StringComparison.Ordinal), TraceHeader.Compose(before, Id));

    [Fact]
    public void Trace_NewId_HasTheTime() => Assert.Matches("^1-67891234-[0-9a-f]{24}$", TraceHeader.NewId(DateTimeOffset.FromUnixTimeSeconds(0x67891234)));

    [Theory]
    [InlineData(ForwardedForMode.Append, null, "192.0.2.1", null, "192.0.2.1")]
    [InlineData(ForwardedForMode.Append, "10.0.0.1", "192.0.2.1", null, "10.0.0.1, 192.0.2.1")]
    [InlineData(ForwardedForMode.Append, "10.0.0.1", "192.0.2.1", 4711, "10.0.0.1, 192.0.2.1:4711")]
    [InlineData(ForwardedForMode.Append, null, "2001:db8::1", 4711, "[2001:db8::1]:4711")]
    [InlineData(ForwardedForMode.Append, null, "2001:db8::1", null, "2001:db8::1")]
    [InlineData(ForwardedForMode.Preserve, "10.0.0.1", "192.0.2.1", 4711, "10.0.0.1")]
    [InlineData(ForwardedForMode.Preserve, null, "192.0.2.1", null, null)]
    [InlineData(ForwardedForMode.Remove, "10.0.0.1", "192.0.2.1", null, null)]
    public void ForwardedFor_ByMode_IsTheLoadBalancers(ForwardedForMode mode, string? before, string peer, int? port, string? expected) =>
        Assert.Equal(expected, ForwardedHeaders.Compose(mode, before, IPAddress.Parse(peer), port));

    [Theory]
    [InlineData("h", "h", 80, false, "h")]
    [InlineData("h:80", "h", 80, false, "h")]
    [InlineData("h:8080", "h", 443, false, "h")]
    [InlineData("h", "h", 8080, false, "h:8080")]
    [InlineData("h:8080", "h", 8080, false, "h:8080")]
    [InlineData("h:9", "h", 8080, false, "h:9")]
    [InlineData("h:9", "new", 8080, false, "new:9")]
    [InlineData("h", "new", 443, false, "new")]
    [InlineData("h", "new", 8080, false, "new:8080")]
    [InlineData("h:80", "h", 80, true, "h:80")]
    [InlineData("h", "h", 8080, true, "h")]
    [InlineData("h:80", "new", 80, true, "new:80")]
    [InlineData("[::1]:80", "[::1]", 80, false, "[::1]")]
    [InlineData("", "", 8080, false, "localhost:8080")]
    [InlineData("", "", 8080, true, "localhost")]
    public void Host_ByListenerPort_IsTheLoadBalancers(string received, string name, int listener, bool preserve, string expected)
    {
        var host = new HostString(received);
        Assert.Equal(expected, HostHeader.Compose(host, name, name != host.Host, listener, preserve));
    }
}
