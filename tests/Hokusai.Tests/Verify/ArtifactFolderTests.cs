using Hokusai.Verify;

namespace Hokusai.Tests.Verify;

public sealed class ArtifactFolderTests
{
    private const string Url = "http://127.0.0.1:8080/api/mlflow";

    [Theory]
    [InlineData("mlflow-artifacts:/1/abc/artifacts", "1/abc/artifacts")]
    [InlineData("mlflow-artifacts:/1/abc/artifacts/", "1/abc/artifacts")]
    [InlineData("mlflow-artifacts:///1/abc", "1/abc")]
    [InlineData("mlflow-artifacts://127.0.0.1:8080/1/abc", "1/abc")]
    [InlineData(Url + "/api/2.0/mlflow-artifacts/artifacts/1/abc", "1/abc")]
    public void FromUri_ProxiedFolder_IsItsPath(string uri, string path) => Assert.Equal(path, ArtifactFolder.FromUri(uri, Url).Path);

    [Theory]
    [InlineData("s3://bucket/1/abc", "--serve-artifacts")]
    [InlineData("/mlruns/1/abc", "--serve-artifacts")]
    [InlineData("mlflow-artifacts://10.0.3.7:5000/1/abc", "sends clients to 10.0.3.7:5000")]
    [InlineData("mlflow-artifacts:/", "names no folder")]
    [InlineData("mlflow-artifacts:/1/../2", "names no folder")]
    public void FromUri_FolderThatTheUrlDoesNotLeadTo_Fails(string uri, string reason) =>
        Assert.Contains(reason, Assert.Throws<StepFailedException>(() => ArtifactFolder.FromUri(uri, Url)).Message, StringComparison.Ordinal);

    [Fact]
    public void Urls_NamesWithSpaceAndUmlaut_AreEscapedOnce()
    {
        var folder = ArtifactFolder.FromUri("mlflow-artifacts:/1/abc", Url).Below("my model");
        Assert.Equal(Url + ArtifactFolder.Route + "/1/abc/my%20model/a/%C3%BC%20%25%3F.bin", folder.UrlOf("a/ü %?.bin", Url));
        Assert.Equal(Url + ArtifactFolder.Route + "?path=1%2Fabc%2Fmy%20model", folder.ListUrl(Url));
    }
}
