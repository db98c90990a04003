using Hokusai.Contracts.Routing;
using Hokusai.Edge.Answers;

namespace Hokusai.Tests.Edge.Answers;

public sealed class RedirectLocationTests
{
    private static readonly RedirectSource Source = new("http", "models.example.com", 80, "/api/a%2Fb//c", "x=1&y=%20");

    [Theory]
    [InlineData("HTTPS", "#{host}", "443", "/#{path}", "#{query}", "https://models.example.com:443/api/a%2Fb//c?x=1&y=%20")]
    [InlineData("#{protocol}", "#{host}", "8443", "/#{path}", "#{query}", "http://models.example.com:8443/api/a%2Fb//c?x=1&y=%20")]
    [InlineData("#{protocol}", "new.#{host}", "#{port}", "/v2/#{path}", "", "http://new.models.example.com:80/v2/api/a%2Fb//c")]
    [InlineData("HTTPS", "#{host}", "443", "/moved", "from=#{path}&#{query}&by=#{protocol}:#{port}", "https://models.example.com:443/moved?from=api/a%2Fb//c&x=1&y=%20&by=http:80")]
    [InlineData("HTTPS", "#{host}", "443", "/#{nothing}#{", "", "https://models.example.com:443/#{nothing}#{")]
    [InlineData("HTTPS", "#{host}", "443", "/a b", "", "https://models.example.com:443/a%20b")]
    public void Of_Placeholders_AreFilled(string protocol, string host, string port, string path, string query, string expected) =>
        Assert.Equal(expected, RedirectLocation.Of(new Redirect(301, protocol, host, port, path, query), Source));

    [Fact]
    public void Of_NoQuery_HasNoQuestionMark() =>
        Assert.Equal("https://h:443/", RedirectLocation.Of(new Redirect(301, "HTTPS", Port: "443"), Source with { Host = "h", Path = "/", Query = "" }));

    [Fact]
    public void Of_PlaceholderInTheUrlOfAClient_StaysWhatItIs() =>
        Assert.Equal("https://h:443/#{query}?#{host}", RedirectLocation.Of(new Redirect(301, "HTTPS", Port: "443"), Source with { Host = "h", Path = "/#{query}", Query = "#{host}" }));
}
