using System.Text.Json;

namespace Hokusai.SystemTests.Conformance;

public sealed class ScenarioRequestTests
{
    private static readonly Dictionary<string, string> Bearer = new() { ["Authorization"] = "Bearer key" };

    [Fact]
    public void Make_EscapedPath_IsSentByteForByte()
    {
        using var request = Make("""{"method": "GET", "path": "/a/%2e%2e/..%2fb?path=1%2F${id}", "expect": {"status": 200}}""");

        Assert.Equal("/base/a/%2e%2e/..%2fb?path=1%2Fx-y", request.RequestUri!.PathAndQuery);
    }

    [Fact]
    public void Make_Query_IsEncodedAsAForm()
    {
        using var request = Make("""{"method": "GET", "path": "/a", "query": {"f": "a = '${id}' ~*", "l": ["1", "2"]}, "expect": {"status": 200}}""");

        Assert.Equal("/base/a?f=a+%3D+%27x-y%27+~%2A&l=1&l=2", request.RequestUri!.PathAndQuery);
    }

    [Fact]
    public async Task Make_Json_IsFilledAndKeepsItsNumbers()
    {
        using var request = Make("""{"method": "POST", "path": "/a", "json": {"n": 5e-324, "l": [true, null, "${id}"]}, "expect": {"status": 200}}""");

        Assert.Equal("""{"n":5e-324,"l":[true,null,"x-y"]}""", await request.Content!.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("application/json", request.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public void Make_Raw_IsCalledJson()
    {
        using var request = Make("""{"method": "POST", "path": "/a", "raw": "", "expect": {"status": 200}}""");

        Assert.Equal("application/json", request.Content!.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task Make_EmptyBytes_AreABodyWithoutAType()
    {
        using var request = Make("""{"method": "PUT", "path": "/a", "bytes": "", "expect": {"status": 200}}""");

        Assert.Empty(await request.Content!.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Null(request.Content.Headers.ContentType);
    }

    [Fact]
    public void Make_Headers_AreThoseOfTheStepBesidesTheCommonOnes()
    {
        using var request = Make("""{"method": "PUT", "path": "/a", "bytes": "aGk=", "headers": {"User-Agent": "a/1", "Content-Type": "text/x-${id}"}, "expect": {"status": 200}}""");

        Assert.Equal("a/1", request.Headers.UserAgent.ToString());
        Assert.Equal("Bearer key", request.Headers.Authorization!.ToString());
        Assert.Equal(["text/x-x-y"], request.Content!.Headers.GetValues("Content-Type"));
    }

    [Fact]
    public void Make_WithoutABody_HasNone()
    {
        using var request = Make("""{"method": "DELETE", "path": "/a", "expect": {"status": 200}}""");

        Assert.Null(request.Content);
    }

    private static HttpRequestMessage Make(string step)
    {
        var names = new Placeholders();
        names.Bind("id", "x-y");
        return ScenarioRequest.Make(JsonSerializer.Deserialize<ScenarioStep>(step, JsonSerializerOptions.Web)!, "http://127.0.0.1:9/base/", Bearer, names);
    }
}
