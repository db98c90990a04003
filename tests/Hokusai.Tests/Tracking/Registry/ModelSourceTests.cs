using Hokusai.Tracking.Registry;

namespace Hokusai.Tests.Tracking.Registry;

public sealed class ModelSourceTests
{
    private const string Root = "/data/mlruns/0/abc/artifacts";
    private const string LocalFault = "To use a local path as a model version";
    private const string RemoteFault = "If supplying a source as an http, https,";

    [Theory]
    [InlineData("mlflow-artifacts:/models")]
    [InlineData("mlflow-artifacts:/models/")]
    [InlineData("mlflow-artifacts:/models///")]
    [InlineData("mlflow-artifacts:/models/foo///bar")]
    [InlineData("mlflow-artifacts:/models/artifact/..../")]
    [InlineData("mlflow-artifacts:/models/a..b/.hidden")]
    [InlineData("mlflow-artifacts://host:9000/models")]
    [InlineData("models:/m-0123456789abcdef0123456789abcdef")]
    [InlineData("models:/name/1")]
    [InlineData("s3://b/p")]
    [InlineData("runs:/abc/model")]
    [InlineData("s3://b/a%20b+c")]
    public void Check_RemoteSource_IsAccepted(string source)
    {
        ModelSource.Check(source, null, null);
        ModelSource.Check(source, Root, null);
    }

    [Theory]
    [InlineData("mlflow-artifacts:/models/../secret")]
    [InlineData("mlflow-artifacts://host:9000/models/../../../")]
    [InlineData("mlflow-artifacts:/models/..")]
    [InlineData("mlflow-artifacts:/models/./x")]
    [InlineData("mlflow-artifacts:../x")]
    [InlineData("http://host/models/%2E%2E%2Fx")]
    [InlineData("https://host/models/%252E%252E/x")]
    [InlineData("s3://b/..%2Fp")]
    [InlineData("s3://b/p\\..\\x")]
    [InlineData("s3://b/p%5C..%5Cx")]
    [InlineData("s3://b/p%00/x")]
    [InlineData("s3://b/p%2500/x")]
    [InlineData("dbfs:/RUN/artifacts/a%3f/../../../../../../")]
    [InlineData("ftp://host/a?/../x")]
    [InlineData("https://host/a#/../x")]
    [InlineData(@"C:\models\..\x")]
    [InlineData("models:/../x")]
    public void Check_RemoteSourceThatWalks_IsRefused(string source)
    {
        var message = Refusal.Of(() => ModelSource.Check(source, Root, Root));
        Assert.Contains(RemoteFault, message, StringComparison.Ordinal);
        Assert.Contains("Invalid model version source", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_SourceEncodedOverAndOver_IsRefused()
    {
        var source = "%2E";
        for (var i = 0; i < 20; i++) source = source.Replace("%", "%25", StringComparison.Ordinal);
        Refusal.Of(() => ModelSource.Check("s3://b/" + source, null, null));
    }

    [Theory]
    [InlineData(Root)]
    [InlineData(Root + "/")]
    [InlineData(Root + "/model")]
    [InlineData(Root + "/.")]
    [InlineData(Root + "/model/..")]
    [InlineData(Root + "//model")]
    [InlineData("file://" + Root + "/model")]
    [InlineData("file:" + Root + "/model")]
    [InlineData("FILE://" + Root)]
    [InlineData("file://localhost" + Root)]
    [InlineData("file://127.0.0.1" + Root + "/a%20b")]
    public void Check_LocalSourceWithinTheRun_IsAccepted(string source)
    {
        ModelSource.Check(source, Root, null);
        ModelSource.Check(source, "mlflow-artifacts:/0/abc", Root);
        ModelSource.Check(source, "file://" + Root + "/", null);
    }

    [Theory]
    [InlineData("/etc")]
    [InlineData("/")]
    [InlineData("..")]
    [InlineData("/data/mlruns/0/abc")]
    [InlineData(Root + "x")]
    [InlineData(Root + "/../other")]
    [InlineData(Root + "/model/../../../xyz/artifacts")]
    [InlineData("//proc/self/root" + Root)]
    [InlineData("file:///etc")]
    [InlineData("file:/etc")]
    [InlineData("FILE:///etc")]
    [InlineData("file://" + Root + "/%2e%2e/other")]
    [InlineData("file://" + Root + "/%252e%252e/other")]
    [InlineData("file://" + Root + "%2F..%2Fother")]
    [InlineData(" file://" + Root)]
    [InlineData("data/mlruns/0/abc/artifacts")]
    public void Check_LocalSourceElsewhere_IsRefused(string source) => Assert.Contains(LocalFault, Refusal.Of(() => ModelSource.Check(source, Root, null)), StringComparison.Ordinal);

    [Theory]
    [InlineData(null, null)]
    [InlineData("mlflow-artifacts:/0/abc/artifacts", null)]
    [InlineData("s3://b/p", "mlflow-artifacts:/0/models/m")]
    public void Check_LocalSourceWithoutALocalRun_IsRefused(string? run, string? model) =>
        Assert.Contains(LocalFault, Refusal.Of(() => ModelSource.Check(Root, run, model)), StringComparison.Ordinal);

    [Theory]
    [InlineData("file://123.456.789.123/etc")]
    [InlineData("file://./etc/passwd")]
    [InlineData("file://host" + Root)]
    [InlineData("file://localhost.evil.example" + Root)]
    public void Check_FileOfAnotherHost_IsRefused(string source) => Assert.Contains("is not a valid remote uri", Refusal.Of(() => ModelSource.Check(source, Root, null)), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("file:")]
    [InlineData("file://localhost")]
    [InlineData(Root + "\0")]
    [InlineData("file://" + Root + "/a%00b")]
    [InlineData("file://" + Root + "/a%2500b")]
    public void Check_NoPath_IsAMistakeOfTheClient(string source) => Assert.Contains("Invalid model version source", Refusal.Of(() => ModelSource.Check(source, Root, null)), StringComparison.Ordinal);

    // What reads the files ends a URI's path at the question mark or hash: two readings of one source are a way out.
    [Theory]
    [InlineData("file:///data/mlruns/0/other/artifacts?/../../abc/artifacts")]
    [InlineData("file:///data/mlruns/0/other/artifacts#/../../abc/artifacts")]
    public void Check_FileUriWithTwoReadings_IsRefused(string source) => Assert.Contains("Invalid model version source", Refusal.Of(() => ModelSource.Check(source, Root, null)), StringComparison.Ordinal);
}
