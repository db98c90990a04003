using Hokusai.Gateway.Sessions;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Tests.Gateway.Sessions;

public sealed class BrowserRequestTests
{
    private const string Chrome = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

    [Theory]
    [InlineData("GET", Chrome, null, true)]
    [InlineData("HEAD", Chrome, "navigate", true)]
    [InlineData("GET", "text/html", "navigate", true)]
    [InlineData("GET", "TEXT/HTML;q=0.5, application/json;q=0.4", null, true)]
    [InlineData("POST", Chrome, "navigate", false)]
    [InlineData("GET", Chrome, "cors", false)]
    [InlineData("GET", Chrome, "no-cors", false)]
    [InlineData("GET", "*/*", null, false)]
    [InlineData("GET", "", null, false)]
    [InlineData("GET", "application/json", "navigate", false)]
    [InlineData("GET", "application/json, text/html", null, false)]
    [InlineData("GET", "text/html;q=0", null, false)]
    [InlineData("GET", "text/html;q=x", null, false)]
    public void IsNavigation_ByMethodAcceptAndMode(string method, string accept, string? mode, bool expected)
    {
        var request = Request(("Accept", accept), ("Sec-Fetch-Mode", mode));
        request.Method = method;
        Assert.Equal(expected, BrowserRequest.IsNavigation(request));
    }

    [Theory]
    [InlineData("same-origin", null, true, true)]
    [InlineData("same-origin", "null", true, true)]
    [InlineData("same-site", "https://hokusai.example", true, false)]
    [InlineData("cross-site", "https://hokusai.example", true, false)]
    [InlineData("none", null, true, false)]
    [InlineData(null, null, true, false)]
    [InlineData(null, "null", true, false)]
    [InlineData(null, "https://hokusai.example", true, true)]
    [InlineData(null, "https://HOKUSAI.example:443", true, true)]
    [InlineData(null, "http://hokusai.example", true, false)]
    [InlineData(null, "http://hokusai.example", false, true)]
    [InlineData(null, "https://hokusai.example", false, true)]
    [InlineData(null, "https://hokusai.example:8443", false, false)]
    [InlineData(null, "https://evil.example", true, false)]
    [InlineData(null, "https://hokusai.example.evil.example", true, false)]
    [InlineData(null, "https://hokusai.example@evil.example", true, false)]
    [InlineData(null, "nonsense", true, false)]
    public void IsSameOrigin_BySiteThenOrigin(string? site, string? origin, bool isTls, bool expected) =>
        Assert.Equal(expected, BrowserRequest.IsSameOrigin(Request(("Sec-Fetch-Site", site), ("Origin", origin), ("Host", "hokusai.example")), isTls));

    [Fact]
    public void IsSameOrigin_HeadersTwice_IsNo()
    {
        var request = Request(("Host", "hokusai.example"));
        request.Headers.Append("Origin", "https://hokusai.example");
        request.Headers.Append("Origin", "https://hokusai.example");
        Assert.False(BrowserRequest.IsSameOrigin(request, isTls: true));
    }

    [Theory]
    [InlineData("/", "/")]
    [InlineData("/api/mlflow/?a=b%2Fc", "/api/mlflow/?a=b%2Fc")]
    [InlineData(null, "/else")]
    [InlineData("", "/else")]
    [InlineData("https://evil.example/", "/else")]
    [InlineData("//evil.example/", "/else")]
    [InlineData("/\\evil.example/", "/else")]
    [InlineData("\\/evil.example/", "/else")]
    [InlineData("/\t/evil.example/", "/else")]
    [InlineData("/a\r\nSet-Cookie: x=y", "/else")]
    [InlineData("/ü", "/else")]
    [InlineData(" /a", "/else")]
    [InlineData("javascript:alert(1)", "/else")]
    public void LocalPath_AnythingButAPathOfThisHost_IsTheOther(string? path, string expected) => Assert.Equal(expected, LocalPath.Or(path, "/else"));

    [Theory]
    [InlineData("a=b", "a=b")]
    [InlineData("a=b;c=d", "a=b;c=d")]
    [InlineData("hokusai_session=x", "")]
    [InlineData("a=b; hokusai_session=x; c=d", "a=b; c=d")]
    [InlineData("__Host-hokusai_session=x;a=b", "a=b")]
    [InlineData("hokusai_form=x; __Host-hokusai_form=y", "")]
    [InlineData("hokusai_session =x; a=b", "a=b")]
    [InlineData("hokusai_session; a=b", "a=b")]
    [InlineData("my_hokusai_session=x; hokusai_sessions=y", "my_hokusai_session=x; hokusai_sessions=y")]
    public void Without_OwnCookies_LeavesTheOthers(string header, string expected) => Assert.Equal(expected, SessionCookie.Without(header));

    [Fact]
    public void Find_OverTls_DoesNotTakeThePlainName()
    {
        var request = Request(("Cookie", "a=b; hokusai_session=plain; __Host-hokusai_session=bound"));
        Assert.Equal("plain", SessionCookie.Find(request, SessionCookie.SessionName, isTls: false));
        Assert.Equal("bound", SessionCookie.Find(request, SessionCookie.SessionName, isTls: true));
        Assert.Null(SessionCookie.Find(Request(("Cookie", "hokusai_session=plain")), SessionCookie.SessionName, isTls: true));
    }

    private static HttpRequest Request(params (string Name, string? Value)[] headers)
    {
        var request = new DefaultHttpContext().Request;
        request.Method = "GET";
        foreach (var (name, value) in headers)
        {
            if (value is not null) request.Headers[name] = value;
        }
        return request;
    }
}
