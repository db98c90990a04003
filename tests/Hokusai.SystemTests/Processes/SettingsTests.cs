using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Processes;

public sealed class SettingsTests
{
    private const int Deadline = 60_000;

    [Fact(Timeout = Deadline)]
    public async Task ServeGateway_SeveralFaultsInEnvironmentAndFile_AreAllToldAtOnce()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.PathOf("hokusai.json"), """
            {"gateway": {"upstream": "http://10.1.2.3:5000", "verdictLifetime": "2.00:00:00", "trustedProxies": ["10.0.0.0/99"], "retrys": "3"}}
            """, TestContext.Current.CancellationToken);
        var environment = new Dictionary<string, string>
        {
            ["HOKUSAI_GATEWAY__AUTHSERVICE"] = "auth:8002",
            ["HOKUSAI_GATEWAY__ARTIFACTIDLE"] = "soon",
            ["HOKUSAI_GATEWAY__LARGESTMETADATABODY"] = "5",
            ["HOKUSAI_GATEWAY__REDIS"] = "cache:6379,ssl=maybe,password=hunter2",
        };

        var (code, output, errors) = await HokusaiProcess.RunAsync(folder.Path, environment, "serve", "gateway", "--port", "0");

        Assert.Equal(2, code);
        Assert.Empty(output);
        var faults = errors.Split('\n').Where(line => line.StartsWith("  - ", StringComparison.Ordinal)).ToList();
        AssertFault(faults, "upstream", "10.1.2.3", "give the service's name");
        AssertFault(faults, "authService", "auth:8002", "write http://NAME:PORT");
        AssertFault(faults, "verdictLifetime", "2.00:00:00", "must be");
        AssertFault(faults, "artifactIdle", "soon", "must be");
        AssertFault(faults, "largestMetadataBody", "5", "must be 1024");
        AssertFault(faults, "trustedProxies", "10.0.0.0/99", "write it as");
        AssertFault(faults, "retrys", "no such setting", "verdictLifetime");
        AssertFault(faults, "redis", "cache:6379,ssl=maybe,password=(redacted)", "write HOST:PORT");
        Assert.DoesNotContain("hunter2", errors, StringComparison.Ordinal);
        Assert.Equal(8, faults.Count);
    }

    [Fact(Timeout = Deadline)]
    public async Task ServeGateway_EnvironmentOverFileAndFlagOverBoth_Wins()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.PathOf("other.json"), """{"gateway": {"upstream": "file-1", "authService": "file-2", "serviceId": " "}}""", TestContext.Current.CancellationToken);
        var environment = new Dictionary<string, string> { ["HOKUSAI_GATEWAY__AUTHSERVICE"] = "environment-2", ["HOKUSAI_GATEWAY__UPSTREAM"] = "environment-1" };

        var (code, _, errors) = await HokusaiProcess.RunAsync(folder.Path, environment, "serve", "gateway", "--config", "other.json", "--upstream", "flag-1");

        Assert.Equal(2, code);
        Assert.All((string[])["'flag-1'", "'environment-2'", "serviceId"], part => Assert.Contains(part, errors, StringComparison.Ordinal));
        Assert.All((string[])["file-1", "file-2", "environment-1"], part => Assert.DoesNotContain(part, errors, StringComparison.Ordinal));
    }

    [Fact(Timeout = Deadline)]
    public async Task ServeGateway_FileThatIsNoJson_IsNamed()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.PathOf("hokusai.json"), "gateway: {}", TestContext.Current.CancellationToken);

        var (code, _, errors) = await HokusaiProcess.RunAsync(folder.Path, null, "serve", "gateway");

        Assert.Equal(2, code);
        Assert.Contains("hokusai.json", Assert.Single(errors.Split('\n')), StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadline)]
    public async Task ServeTracking_SeveralFaults_AreAllToldAtOnceWithoutThePassword()
    {
        using var folder = new TemporaryFolder();

        var (code, _, errors) = await HokusaiProcess.RunAsync(
            folder.Path, null, "serve", "tracking", "--backend-store-uri", "mysql://user:pass-word@db/mlflow", "--workers", "0", "--static-prefix", "mlflow/", "--artifacts-destination", "gs://bucket/root");

        Assert.Equal(2, code);
        var faults = errors.Split('\n').Where(line => line.StartsWith("  - ", StringComparison.Ordinal)).ToList();
        AssertFault(faults, "backend-store-uri", "db/mlflow", "sqlite:///FILE");
        AssertFault(faults, "workers", "0", "must be 1 to 64");
        AssertFault(faults, "static-prefix", "mlflow/", "must start with a slash");
        AssertFault(faults, "artifacts-destination", "gs://bucket/root", "s3://");
        Assert.Equal(4, faults.Count);
        Assert.DoesNotContain("pass-word", errors, StringComparison.Ordinal);
        Assert.Empty(folder.FilesBelow());
    }

    private static void AssertFault(IEnumerable<string> faults, params string[] parts) =>
        Assert.Single(faults, fault => parts.All(part => fault.Contains(part, StringComparison.Ordinal)));
}
