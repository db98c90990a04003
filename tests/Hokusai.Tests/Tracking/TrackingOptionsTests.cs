using Hokusai.Tracking;

namespace Hokusai.Tests.Tracking;

public sealed class TrackingOptionsTests
{
    [Fact]
    public void Faults_Default_AreNone() => Assert.Empty(new TrackingOptions().Faults());

    [Fact]
    public void Faults_ManyWrongSettings_AreToldAtOnceWithoutThePassword()
    {
        var faults = new TrackingOptions
        {
            BackendStoreUri = "mysql://user:secret@host/db",
            Workers = 65,
            StaticPrefix = "ui/",
            ArtifactsDestination = "s3://Bucket/x",
            DefaultArtifactRoot = "gs://bucket/y",
            S3Endpoint = "minio:9000",
        }.Faults();
        string[] openings = ["backend-store-uri 'host/db': only sqlite:///FILE", "workers 65: must be 1 to 64", "static-prefix 'ui/'", "artifacts-destination 's3://Bucket/x': 'Bucket' is no bucket's name", "default-artifact-root 'gs://bucket/y'", "MLFLOW_S3_ENDPOINT_URL or AWS_ENDPOINT_URL_S3 'minio:9000'"];
        Assert.Equal(openings.Length, faults.Count);
        Assert.All(faults, (fault, i) => Assert.StartsWith(openings[i], fault, StringComparison.Ordinal));
        Assert.All(faults, fault => Assert.DoesNotContain("secret", fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("/ui", true)]
    [InlineData("/ui/", false)]
    [InlineData("ui", false)]
    [InlineData("/", false)]
    public void Faults_StaticPrefix_NeedsASlashInFrontOnly(string prefix, bool good) => Assert.Equal(good, new TrackingOptions { StaticPrefix = prefix }.Faults().Count == 0);

    [Theory]
    [InlineData("mlflow-artifacts:/x", true, true)]
    [InlineData("/data/x", true, true)]
    [InlineData("file:///data/x", true, true)]
    [InlineData("s3://bucket/x", true, true)]
    [InlineData("s3://bucket/x?versionId=1", true, true)]
    [InlineData("s3://bucket/x", false, true)]
    [InlineData("s3://b/x", true, false)]
    [InlineData("gs://bucket/x", true, false)]
    [InlineData("gs://bucket/x", false, true)]
    public void Faults_DefaultRoot_MayBeRemoteOnlyIfClientsReachIt(string root, bool serve, bool good) =>
        Assert.Equal(good, new TrackingOptions { DefaultArtifactRoot = root, ServeArtifacts = serve }.Faults().Count == 0);
}
