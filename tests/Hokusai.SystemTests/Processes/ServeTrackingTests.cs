using Hokusai.Storage;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Processes;

/// <summary>The flags of <c>mlflow server</c>, with their meaning.</summary>
public sealed class ServeTrackingTests
{
    private const int Deadline = 60_000;

    [Fact(Timeout = Deadline)]
    public async Task ServeTracking_NoFlags_KeepsAllInTheCurrentFolder()
    {
        using var folder = new TemporaryFolder();
        await using var tracking = await TrackingProcess.StartAsync(folder.Path);
        var calls = tracking.Client();

        (await calls.PutAsync("0/a.txt", "text")).Ok();

        Assert.Equal("mlflow-artifacts:/0", (await calls.GetAsync("experiments/get?experiment_id=0")).Text("experiment.artifact_location"));
        Assert.True(File.Exists(folder.PathOf("mlflow.db")));
        Assert.Equal("text", await File.ReadAllTextAsync(folder.PathOf("mlartifacts", "0", "a.txt"), TestContext.Current.CancellationToken));
    }

    [Theory(Timeout = Deadline)]
    [InlineData("./my artifacts")]
    [InlineData("file://{0}/my%20artifacts")]
    [InlineData("{0}/my artifacts")]
    public async Task ServeTracking_ArtifactsDestination_IsTheFolder(string destination)
    {
        using var folder = new TemporaryFolder();
        await using var tracking = await TrackingProcess.StartAsync(folder.Path, "--artifacts-destination", Fill(destination, folder), "--backend-store-uri", "sqlite:///below/tracking.db");

        (await tracking.Client().PutAsync("0/a.txt", "text")).Ok();

        Assert.True(File.Exists(folder.PathOf("my artifacts", "0", "a.txt")));
        Assert.True(File.Exists(folder.PathOf("below", "tracking.db")));
    }

    [Theory(Timeout = Deadline)]
    [InlineData("./root")]
    [InlineData("file://{0}/root")]
    public async Task ServeTracking_DefaultArtifactRootIsAFolder_IsAbsoluteAndRead(string root)
    {
        using var folder = new TemporaryFolder();
        await using var tracking = await TrackingProcess.StartAsync(folder.Path, "--default-artifact-root", Fill(root, folder));
        var calls = tracking.Client();
        var run = await calls.CreateRunAsync();

        var location = (await calls.GetAsync("runs/get?run_id=" + run)).Text("run.info.artifact_uri");
        Assert.Equal(folder.PathOf("root", "0", run, "artifacts"), location.StartsWith("file://", StringComparison.Ordinal) ? new Uri(location).LocalPath : location);
        Directory.CreateDirectory(folder.PathOf("root", "0", run, "artifacts"));
        await File.WriteAllTextAsync(folder.PathOf("root", "0", run, "artifacts", "a.txt"), "text", TestContext.Current.CancellationToken);

        Assert.Equal("a.txt", (await calls.GetAsync("artifacts/list?run_id=" + run)).Ok().Json.GetProperty("files")[0].GetProperty("path").GetString());
        Assert.Equal("text", (await calls.SendAsync(HttpMethod.Get, $"/get-artifact?path=a.txt&run_uuid={run}")).Ok().Body);
    }

    [Fact(Timeout = Deadline)]
    public async Task ServeTracking_NoServeArtifacts_AnswersThemWith503()
    {
        using var folder = new TemporaryFolder();
        await using var tracking = await TrackingProcess.StartAsync(folder.Path, "--no-serve-artifacts");
        var calls = tracking.Client();

        foreach (var answer in (Answer[])[await calls.PutAsync("0/a.txt", "text"), await calls.ReadAsync("0/a.txt"), await calls.SendAsync(HttpMethod.Get, Calls.Artifacts), await calls.SendAsync(HttpMethod.Delete, Calls.Artifacts + "/0/a.txt")])
        {
            Assert.Equal((503, "text/plain"), (answer.Status, answer.ContentType));
            Assert.Contains("--serve-artifacts", answer.Body, StringComparison.Ordinal);
        }
        Assert.Equal(folder.PathOf("mlruns", "0"), (await calls.GetAsync("experiments/get?experiment_id=0")).Text("experiment.artifact_location"));
        Assert.False(Directory.Exists(folder.PathOf("mlartifacts")));
    }

    [Fact(Timeout = Deadline)]
    public async Task ServeTracking_StaticPrefix_MovesTheUisEndpointsOnly()
    {
        using var folder = new TemporaryFolder();
        await using var tracking = await TrackingProcess.StartAsync(folder.Path, "--static-prefix", "/ui");
        var calls = tracking.Client();
        const string Endpoint = "-api/2.0/mlflow/experiments/get?experiment_id=0";

        Assert.Equal(200, (await calls.SendAsync(HttpMethod.Get, "/ui/ajax" + Endpoint)).Status);
        Assert.Equal(404, (await calls.SendAsync(HttpMethod.Get, "/ajax" + Endpoint)).Status);
        Assert.Equal(400, (await calls.SendAsync(HttpMethod.Get, "/ui/get-artifact")).Status);
        Assert.Equal(404, (await calls.SendAsync(HttpMethod.Get, "/get-artifact")).Status);
        foreach (var path in (string[])["/health", "/version", "/api/2.0/mlflow/experiments/get?experiment_id=0"]) (await calls.SendAsync(HttpMethod.Get, path)).Ok();
    }

    [Fact(Timeout = Deadline)]
    public async Task ServeTracking_AllowedHosts_RefusesOthersButNotHealthAndVersion()
    {
        using var folder = new TemporaryFolder();
        await using var tracking = await TrackingProcess.StartAsync(folder.Path, "--allowed-hosts", "mlflow.example.org:5000, *.internal");
        var calls = tracking.Client();
        const string Experiment = "/api/2.0/mlflow/experiments/get?experiment_id=0";

        foreach (var host in (string[])["mlflow.example.org:5000", "a.internal"]) (await calls.SendAsync(HttpMethod.Get, Experiment, host: host)).Ok();
        foreach (var host in (string[])["mlflow.example.org", "evil.example.org", "127.0.0.1", "internal.evil"])
        {
            var answer = await calls.SendAsync(HttpMethod.Get, Experiment, host: host);
            Assert.Equal((403, "Invalid Host header - possible DNS rebinding attack detected"), (answer.Status, answer.Body));
        }
        foreach (var path in (string[])["/health", "/version"]) (await calls.SendAsync(HttpMethod.Get, path, host: "evil.example.org")).Ok();
    }

    [Fact(Timeout = Deadline)]
    public async Task ServeTracking_DatabaseOfMlflow_IsRefusedAndUntouched()
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("mlflow.db");
        Database.Open(DatabaseLocation.Sqlite(file), new Schema("mlflow", [["CREATE TABLE alembic_version (version_num {TEXT})"]])).Dispose();
        var before = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);

        var (code, _, errors) = await HokusaiProcess.RunAsync(folder.Path, null, "serve", "tracking", "--port", "0");

        Assert.Equal(3, code);
        var line = Assert.Single(errors.Split('\n'));
        Assert.All((string[])[file, "mlflow server", "another file"], part => Assert.Contains(part, line, StringComparison.Ordinal));
        Assert.Equal(before, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
    }

    [Theory(Timeout = Deadline)]
    [InlineData("--artifacts-destination", "gs://bucket/root", "only folders")]
    [InlineData("--artifacts-destination", "s3://UPPER_CASE/root", "s3://BUCKET/PREFIX")]
    [InlineData("--default-artifact-root", "gs://bucket/root", "--no-serve-artifacts")]
    [InlineData("--default-artifact-root", "s3:///root", "s3://BUCKET/PREFIX")]
    public async Task ServeTracking_PlaceThatIsNotOffered_IsRefusedWithTheRemedy(string flag, string place, string remedy)
    {
        using var folder = new TemporaryFolder();

        var (code, _, errors) = await HokusaiProcess.RunAsync(folder.Path, null, "serve", "tracking", "--port", "0", flag, place);

        Assert.Equal(2, code);
        Assert.All((string[])[flag[2..], place, remedy], part => Assert.Contains(part, errors, StringComparison.Ordinal));
    }

    private static string Fill(string text, TemporaryFolder folder) => text.Replace("{0}", folder.Path, StringComparison.Ordinal);
}
