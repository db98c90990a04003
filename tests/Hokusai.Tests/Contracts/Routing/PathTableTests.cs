using Hokusai.Contracts.Routing;

namespace Hokusai.Tests.Contracts.Routing;

public sealed class PathTableTests
{
    private static readonly PathTable<string> Table = Build(
        ("GET", "/runs/get"), ("POST", "/runs/search"), ("GET", "/runs/search"), ("PUT", "/only-put"),
        ("GET", "/models/{id}"), ("PATCH", "/models/{id}"), ("POST", "/models/search"), ("GET", "/models/{id}/files/{name}"),
        ("GET", "/artifacts"), ("GET", "/artifacts/{*path}"), ("PUT", "/artifacts/{*path}"));

    [Theory]
    [InlineData("GET", "/runs/get", "GET /runs/get")]
    [InlineData("HEAD", "/runs/get", "GET /runs/get")]
    [InlineData("POST", "/runs/search", "POST /runs/search")]
    [InlineData("GET", "/runs/search", "GET /runs/search")]
    [InlineData("GET", "//runs/get", "GET /runs/get")]
    [InlineData("GET", "////runs/get", "GET /runs/get")]
    [InlineData("GET", "/models/m-1", "GET /models/{id}", "m-1")]
    [InlineData("HEAD", "/models/m-1", "GET /models/{id}", "m-1")]
    [InlineData("PATCH", "/models/%2e%2E", "PATCH /models/{id}", "%2e%2E")]
    [InlineData("POST", "/models/search", "POST /models/search")]
    [InlineData("GET", "/models/m-1/files/a%2Fb", "GET /models/{id}/files/{name}", "m-1", "a%2Fb")]
    [InlineData("GET", "/artifacts", "GET /artifacts")]
    [InlineData("GET", "/artifacts/a", "GET /artifacts/{*path}", "a")]
    [InlineData("PUT", "/artifacts/a//b/../c/", "PUT /artifacts/{*path}", "a//b/../c/")]
    [InlineData("PUT", "/artifacts//etc", "PUT /artifacts/{*path}", "/etc")]
    public void Find_KnownRequest_GivesItsEntryAndRawParameters(string method, string path, string expected, params string[] parameters)
    {
        Assert.Equal(expected, Table.Find(method, path, out var found, out var allowed));
        Assert.Equal(parameters, found);
        Assert.Null(allowed);
    }

    [Theory]
    [InlineData("DELETE", "/runs/get", "GET")]
    [InlineData("DELETE", "/runs/search", "POST, GET")]
    [InlineData("HEAD", "/only-put", "PUT")]
    [InlineData("get", "/runs/get", "GET")]
    [InlineData("DELETE", "/models/m-1", "GET, PATCH")]
    [InlineData("POST", "/artifacts/a/b", "GET, PUT")]
    public void Find_WrongMethod_NamesTheRightOnes(string method, string path, string expected)
    {
        Assert.Null(Table.Find(method, path, out var parameters, out var allowed));
        Assert.Equal(expected, allowed);
        Assert.Empty(parameters);
    }

    [Theory]
    [InlineData("/runs/get/")]
    [InlineData("/runs")]
    [InlineData("/RUNS/get")]
    [InlineData("/runs/%67et")]
    [InlineData("/runs//get")]
    [InlineData("/runs/./get")]
    [InlineData("runs/get")]
    [InlineData("/models/")]
    [InlineData("/models/a/b")]
    [InlineData("/models/a/files")]
    [InlineData("/models/a/files/")]
    [InlineData("/models//files/b")]
    [InlineData("/models/a/files/b/c")]
    [InlineData("/artifacts/")]
    [InlineData("/artifactsx")]
    [InlineData("/")]
    [InlineData("")]
    public void Find_UnknownPath_GivesNothing(string path)
    {
        Assert.Null(Table.Find("GET", path, out var parameters, out var allowed));
        Assert.Null(allowed);
        Assert.Empty(parameters);
    }

    private static PathTable<string> Build(params (string Method, string Path)[] entries)
    {
        var table = new PathTable<string>();
        foreach (var (method, path) in entries) table.Add(method, path, $"{method} {path}");
        return table;
    }
}
