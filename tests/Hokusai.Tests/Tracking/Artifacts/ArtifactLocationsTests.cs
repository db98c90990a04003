using Hokusai.Tracking.Artifacts;

namespace Hokusai.Tests.Tracking.Artifacts;

public sealed class ArtifactLocationsTests
{
    private static readonly ArtifactLocations Served = new(null, "/data/artifacts", serve: true);
    private static readonly ArtifactLocations Local = new("/data/mlruns", "/data/artifacts", serve: false);

    [Fact]
    public void OfExperiment_ArtifactsServed_IsBelowTheProxysScheme()
    {
        Assert.Equal("mlflow-artifacts:/7", Served.OfExperiment(7));
        Assert.Equal("mlflow-artifacts:/7/abc/artifacts", ArtifactLocations.OfRun(Served.OfExperiment(7), "abc"));
        Assert.Equal("mlflow-artifacts:/7/models/m-1/artifacts", ArtifactLocations.OfLoggedModel(Served.OfExperiment(7), "m-1"));
    }

    [Theory]
    [InlineData("/data/mlruns", "/data/mlruns/7")]
    [InlineData("/data/x/../mlruns/", "/data/mlruns/7")]
    [InlineData("file:///data/mlruns", "/data/mlruns/7")]
    [InlineData("mlflow-artifacts:/team", "mlflow-artifacts:/team/7")]
    [InlineData("mlflow-artifacts://host:9000/team/", "mlflow-artifacts://host:9000/team/7")]
    [InlineData("s3://bucket/prefix", "s3://bucket/prefix/7")]
    [InlineData("s3://bucket/prefix?versionId=1", "s3://bucket/prefix/7?versionId=1")]
    public void OfExperiment_DefaultRoot_IsItsParent(string root, string expected) => Assert.Equal(expected, new ArtifactLocations(root, "/data/artifacts", serve: false).OfExperiment(7));

    [Fact]
    public void OfExperiment_NotServedAndNoRoot_IsAnAbsolutePath() =>
        Assert.Equal(Path.GetFullPath("mlruns") + "/7", new ArtifactLocations(null, "/data/artifacts", serve: false).OfExperiment(7));

    [Theory]
    [InlineData("/data/x", true)]
    [InlineData("relative/x", true)]
    [InlineData("file:///data/x", true)]
    [InlineData("FILE:/data/x", true)]
    [InlineData("a/b:c", true)]
    [InlineData("mlflow-artifacts:/x", false)]
    [InlineData("s3://b/p", false)]
    [InlineData("dbfs:/x", false)]
    public void IsLocal_Location_IsToldByItsScheme(string location, bool expected) => Assert.Equal(expected, ArtifactLocations.IsLocal(location));

    [Theory]
    [InlineData("s3://b/p", "s3://b/p")]
    [InlineData("s3://b/p?versionId=1", "s3://b/p?versionId=1")]
    [InlineData("mlflow-artifacts:/team/x", "mlflow-artifacts:/team/x")]
    [InlineData("/data/x", "/data/x")]
    [InlineData("/data/a/../x", "/data/x")]
    [InlineData("file:///data/x", "/data/x")]
    [InlineData("file:///data/a%2F..%2Fx", "/data/x")]
    [InlineData("file:///data/a%20b", "/data/a b")]
    public void Accept_GoodLocation_IsKept(string location, string expected) => Assert.Equal(expected, ArtifactLocations.Accept(location));

    [Fact]
    public void Accept_RelativePath_BecomesAbsolute() => Assert.Equal(Path.GetFullPath("my/dir"), ArtifactLocations.Accept("my/dir"));

    [Theory]
    [InlineData("http:///#/x", "'artifact_location' URL can't include fragments or params.")]
    [InlineData("s3://b/p;x", "'artifact_location' URL can't include fragments or params.")]
    [InlineData("/data/x#y", "'artifact_location' URL can't include fragments or params.")]
    [InlineData("s3://b/p?../x", "Invalid query string")]
    [InlineData("s3://b/p?%2e%2e/x", "Invalid query string")]
    [InlineData("s3://b/p?%252e%252e/x", "Invalid query string")]
    [InlineData("http:///?/../../../etc/", "Invalid query string")]
    [InlineData("http://169.254.169.254/latest", "can't be kept at a web address")]
    [InlineData("HTTPS://host/x", "can't be kept at a web address")]
    [InlineData("ftp://host/x", "can't be kept at a web address")]
    public void Accept_BadLocation_SaysWhy(string location, string fragment) => Assert.Contains(fragment, Refusal.Of(() => ArtifactLocations.Accept(location)), StringComparison.Ordinal);

    [Theory]
    [InlineData("/data/a\0b")]
    [InlineData("s3://b/a\0b")]
    [InlineData("file:")]
    public void Accept_NoPath_IsAMistakeOfTheClient(string location) => Assert.Equal("Invalid path", Refusal.Of(() => ArtifactLocations.Accept(location)));

    [Fact]
    public void Accept_LongLocation_IsRefused()
    {
        var longest = "s3://b/" + new string('x', 2048 - 7);
        Assert.Equal(longest, ArtifactLocations.Accept(longest));
        Assert.Contains("maximum length of 2048", Refusal.Of(() => ArtifactLocations.Accept(longest + "x")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mlflow-artifacts:/7/abc/artifacts", "model/MLmodel", "7/abc/artifacts/model/MLmodel")]
    [InlineData("mlflow-artifacts:/7/abc/artifacts", "", "7/abc/artifacts")]
    [InlineData("mlflow-artifacts:/", "x", "x")]
    [InlineData("mlflow-artifacts:/", "", "")]
    [InlineData("mlflow-artifacts://host:9000/7/abc", "x", "7/abc/x")]
    [InlineData("mlflow-artifacts://host:9000", "x", "x")]
    [InlineData("mlflow-artifacts:///7//abc/", "x", "7/abc/x")]
    [InlineData("mlflow-artifacts:/7/abc?version=1", "x", "7/abc/x")]
    public void Resolve_ProxyLocation_LiesBelowTheDestination(string location, string path, string expected)
    {
        var (folder, below) = Served.Resolve(location, path);
        Assert.Same(Served.Destination, folder);
        Assert.Equal(expected, below);
    }

    [Theory]
    [InlineData("mlflow-artifacts:/../etc")]
    [InlineData("mlflow-artifacts:/%2e%2e/etc")]
    [InlineData("mlflow-artifacts://host/../etc")]
    [InlineData("mlflow-artifacts:/a/../../etc")]
    [InlineData("mlflow-artifacts:/.hokusai-uploads")]
    public void Resolve_ProxyLocationThatLeadsOut_IsRefused(string location) => Assert.Equal("Invalid path", Refusal.Of(() => Served.Resolve(location, "x")));

    [Theory]
    [InlineData("/data/mlruns/7/abc", "7/abc/x")]
    [InlineData("file:///data/mlruns/7/abc", "7/abc/x")]
    [InlineData("file://localhost/data/mlruns/7", "7/x")]
    [InlineData("/data/mlruns", "x")]
    [InlineData("/data/artifacts/7", "7/x")]
    public void Resolve_LocalLocation_LiesBelowAConfiguredFolder(string location, string expected) => Assert.Equal(expected, Local.Resolve(location, "x").Path);

    [Theory]
    [InlineData("/etc")]
    [InlineData("/data")]
    [InlineData("/data/mlrunsx/7")]
    [InlineData("/data/mlruns/../secret")]
    [InlineData("file:///etc")]
    [InlineData("file:///data/mlruns/%2e%2e/secret")]
    [InlineData("file:///data/mlruns%2F..%2F..%2Fetc")]
    [InlineData("//etc")]
    public void Resolve_LocalLocationElsewhere_IsRefused(string location) =>
        Assert.Contains("lie outside of the folders that this server reads", Refusal.Of(() => Local.Resolve(location, "x")), StringComparison.Ordinal);

    [Theory]
    [InlineData("/data/artifacts/.hokusai-uploads")]
    [InlineData("file:///data/artifacts/.hokusai-uploads/x")]
    public void Resolve_LocalLocationAmongUploads_IsRefused(string location) => Refusal.Of(() => Local.Resolve(location, "x"));

    [Theory]
    [InlineData("s3://b/p")]
    [InlineData("http://host/x")]
    [InlineData("MLFLOW-ARTIFACTS:/x")]
    public void Resolve_ForeignLocation_IsRefused(string location) => Assert.Contains("are not kept by this server", Refusal.Of(() => Local.Resolve(location, "x")), StringComparison.Ordinal);
}
