using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Image;

/// <summary>The image in a real engine: it starts, is healthy, serves, and ends when it is asked to.</summary>
[Collection(ImageSuite.Name)]
public sealed class ContainerTests(BuiltImage built, PostgresServer postgres)
{
    [Fact(Timeout = ImageSuite.Deadline)]
    public async Task Roles_FromTheImage_ServeACallAndEndWith0()
    {
        await using var podman = await LoadAsync();
        var begun = TimeProvider.System.GetTimestamp();
        await using var tracking = podman.Run("serve", "tracking", "--port", "0");
        var trackingUrl = await tracking.ReadAsync("tracking listens on ");
        TestContext.Current.SendDiagnosticMessage($"tracking was ready {TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds:0} ms after podman was started");
        await using var keys = podman.Run("serve", "keys", "--port", "0", "--admin-port", "0", "--bootstrap");
        var key = await keys.ReadAsync("first key, shown once: ");
        var keysUrl = await keys.ReadAsync("keys listens on ");
        await using var gateway = podman.Run("serve", "gateway", "--port", "0", "--upstream", trackingUrl, "--auth-service", keysUrl);
        var gatewayUrl = await gateway.ReadAsync("gateway listens on ");

        using var calls = new Calls(gatewayUrl + "/api/mlflow", key);
        var run = await calls.CreateRunAsync(await calls.CreateExperimentAsync("from-the-image"));
        (await calls.PutAsync($"{run}/model.txt", "bytes")).Ok();
        using var stranger = new Calls(gatewayUrl + "/api/mlflow");
        var refused = await stranger.GetAsync("experiments/get?experiment_id=0");
        var healthy = await gateway.ExecuteAsync("hokusai", "health", "--timeout", "20", gatewayUrl + "/health");
        var missing = await gateway.ExecuteAsync("hokusai", "health", "--timeout", "20", gatewayUrl + "/nothing");
        var shell = await gateway.ExecuteAsync("sh", "-c", "true");
        var ends = new List<(int Code, string Log)> { await gateway.TerminateAsync(), await keys.TerminateAsync(), await tracking.TerminateAsync() };

        Assert.Equal(401, refused.Status);
        Assert.Equal(0, healthy.Code);
        Assert.Contains("answered 200", healthy.Output, StringComparison.Ordinal);
        Assert.Equal(1, missing.Code);
        Assert.NotEqual(0, shell.Code);
        Assert.All(ends, end => Assert.Equal(0, end.Code));
        Assert.DoesNotContain(ends, end => end.Log.Contains(key, StringComparison.Ordinal));
    }

    // The driver looks for system libraries that the image may not have.
    [Fact(Timeout = ImageSuite.Deadline)]
    public async Task Keys_OnPostgres_ServeWithoutComplaint()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var podman = await LoadAsync();
        await using var keys = podman.Run("serve", "keys", "--port", "0", "--admin-port", "0", "--bootstrap", "--store-uri", database);
        var key = await keys.ReadAsync("first key, shown once: ");
        var url = await keys.ReadAsync("keys listens on ");
        using var calls = new Calls(url, key);
        var validated = await calls.SendAsync(HttpMethod.Post, "/api/v1/keys/validate", new StringContent("""{"service_id":"hokusai-gateway"}"""));
        var (code, log) = await keys.TerminateAsync();

        Assert.Equal(200, validated.Status);
        Assert.Equal(0, code);
        Assert.DoesNotContain("library", log, StringComparison.OrdinalIgnoreCase);
    }

    // The root file system holds, not only the permissions of files.
    [Fact(Timeout = ImageSuite.Deadline)]
    public async Task Tracking_StoreOutsideOfData_CannotBeWritten()
    {
        await using var podman = await LoadAsync();
        await using var tracking = podman.Run("serve", "tracking", "--port", "0", "--backend-store-uri", "sqlite:////app/mlflow.db");
        var (code, log) = await tracking.WaitForExitAsync();

        Assert.Equal(3, code);
        Assert.Contains("/app/mlflow.db", log, StringComparison.Ordinal);
    }

    private async Task<Podman> LoadAsync()
    {
        BuiltImage.Need(Podman.IsPresent, "podman (build/prerequisites installs it, or says how)");
        return await Podman.LoadAsync((await built.GetAsync()).Path);
    }
}
