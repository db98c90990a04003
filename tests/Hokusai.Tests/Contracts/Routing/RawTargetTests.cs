using Hokusai.Contracts.Routing;

namespace Hokusai.Tests.Contracts.Routing;

public sealed class RawTargetTests
{
    [Theory]
    [InlineData("/api/mlflow", "/api/mlflow", "")]
    [InlineData("/a?b=c", "/a", "?b=c")]
    [InlineData("/a?", "/a", "?")]
    [InlineData("/a?b=/c?d", "/a", "?b=/c?d")]
    [InlineData("/a%2F..%2f/./x//y", "/a%2F..%2f/./x//y", "")]
    [InlineData("//host/a", "//host/a", "")]
    [InlineData("/a?u=http://h/x", "/a", "?u=http://h/x")]
    [InlineData("/http://h/x", "/http://h/x", "")]
    [InlineData("http://host:8080/api/x?y=z", "/api/x", "?y=z")]
    [InlineData("HTTPS://host/%61?y", "/%61", "?y")]
    [InlineData("http://host", "/", "")]
    [InlineData("http://host?y=/api/mlflow", "/", "?y=/api/mlflow")]
    [InlineData("http://host?y", "/", "?y")]
    [InlineData("http://host//a", "//a", "")]
    [InlineData("*", "*", "")]
    [InlineData("", "", "")]
    public void PathOf_Target_IsCutAndNotChanged(string target, string path, string query)
    {
        Assert.Equal(path, RawTarget.PathOf(target).ToString());
        Assert.Equal(query, RawTarget.QueryOf(target).ToString());
    }
}
