using Hokusai.Edge.Requests;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Tests.Edge.Requests;

/// <summary>What is refused before any rule.</summary>
public sealed class RequestRulesTests
{
    [Theory]
    [InlineData("GET", 0)]
    [InlineData("TRACE", 405)]
    [InlineData("trace", 405)]
    [InlineData("OTHER", 0)]
    [InlineData("other", 0)]
    [InlineData("get", 400)]
    public void Refusal_Method_IsTraceOrAKnownOneInOtherCase(string method, int expected) => Assert.Equal(expected, RequestRules.Refusal(Request(r => r.Method = method)));

    [Theory]
    [InlineData((16 * 1024) - 5, 0)]
    [InlineData((16 * 1024) - 4, 400)]
    public void Refusal_OneHeader_UpTo16K(int value, int expected) => Assert.Equal(expected, RequestRules.Refusal(Request(r => r.Headers["x"] = new string('v', value))));

    [Theory]
    [InlineData(4, 0)]
    [InlineData(5, 400)]
    public void Refusal_AllHeaders_UpTo64K(int lines, int expected) =>
        Assert.Equal(expected, RequestRules.Refusal(Request(r => r.Headers["x"] = Enumerable.Repeat(new string('v', (16 * 1024) - 5), lines).ToArray())));

    [Theory]
    [InlineData("chunked", 0)]
    [InlineData("identity", 0)]
    [InlineData("gzip, chunked", 501)]
    public void Refusal_TransferEncoding_IsOneOfTwo(string encoding, int expected) => Assert.Equal(expected, RequestRules.Refusal(Request(r => r.Headers.TransferEncoding = encoding)));

    [Theory]
    [InlineData(30, 1, 0)]
    [InlineData(31, 1, 463)]
    [InlineData(15, 2, 0)]
    [InlineData(16, 2, 463)]
    public void Refusal_ForwardedFor_UpTo30Addresses(int addresses, int lines, int expected) =>
        Assert.Equal(expected, RequestRules.Refusal(Request(r => r.Headers["X-Forwarded-For"] = Enumerable.Repeat(string.Join(", ", Enumerable.Repeat("192.0.2.1", addresses)), lines).ToArray())));

    [Theory]
    [InlineData("/a?b=%20", true)]
    [InlineData("a", false)]
    [InlineData("", false)]
    [InlineData("/a b", false)]
    [InlineData("/a\r\nHost: x", false)]
    [InlineData("/a\x7f", false)]
    public void IsPath_ResultOfATransform_IsWhatARequestLineTakes(string path, bool expected) => Assert.Equal(expected, RewriteResult.IsPath(path));

    [Theory]
    [InlineData("models.example.com", true)]
    [InlineData("[::1]", true)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("a\n", false)]
    public void IsHost_ResultOfATransform_IsWhatAHostHeaderTakes(string host, bool expected) => Assert.Equal(expected, RewriteResult.IsHost(host));

    private static HttpRequest Request(Action<HttpRequest> set)
    {
        var http = new DefaultHttpContext();
        http.Request.Method = "GET";
        set(http.Request);
        return http.Request;
    }
}
