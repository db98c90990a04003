using System.Text.Json.Nodes;

namespace Hokusai.Verify;

/// <summary>The model registry: name, version, alias, and the way back from the alias to the files.</summary>
internal sealed class RegistrySteps(Registration made, TrackingApi api, ArtifactTransfer transfer, TimeProvider time)
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollPause = TimeSpan.FromMilliseconds(200);

    public async Task<StepResult> RegisterAsync(CancellationToken cancellation)
    {
        var reply = await made.MakeAsync(Leftover.RegisteredModel, () =>
            api.PostAsync("registered-models/create", new() { ["name"] = made.Name }, cancellation));
        reply.Expect("registered_model.name", made.Name);
        return StepResult.Pass(made.Name);
    }

    public async Task<StepResult> CreateVersionAsync(CancellationToken cancellation)
    {
        // A 3.x client names the logged model, a 2.x client the folder among the run's artifacts.
        var source = made.ModelId is { } id ? $"models:/{id}" : $"mlflow-artifacts:/{made.ModelFolder!.Path}";
        var reply = await made.MakeAsync(Leftover.Version, () =>
        {
            var body = new JsonObject { ["name"] = made.Name, ["source"] = source, ["run_id"] = made.RunId };
            if (made.ModelId is not null) body["model_id"] = made.ModelId;
            return api.PostAsync("model-versions/create", body, cancellation);
        });
        made.Version = reply.Text("model_version.version");
        return StepResult.Pass($"version {made.Version} from {source}");
    }

    public async Task<StepResult> AwaitReadyAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var reply = await api.GetAsync(TrackingApi.Query("model-versions/get", ("name", made.Name), ("version", made.Version!)), cancellation);
            var status = reply.Text("model_version.status");
            if (status == "READY") return StepResult.Pass();
            if (status == "FAILED_REGISTRATION") throw new StepFailedException($"{reply.Call}: the server failed to register the version");
            if (time.GetElapsedTime(started) > ReadyLimit) throw new StepFailedException($"{reply.Call}: still {status} after {ReadyLimit.TotalSeconds:0} s");
            await Task.Delay(PollPause, time, cancellation);
        }
    }

    public async Task<StepResult> SetAliasAsync(CancellationToken cancellation)
    {
        // Clients of 3.x look first whether the name is a prompt.
        await api.GetAsync(TrackingApi.Query("registered-models/get", ("name", made.Name)), cancellation);
        await made.MakeAsync(Leftover.Alias, () => api.PostAsync("registered-models/alias",
            new() { ["name"] = made.Name, ["alias"] = Registration.Alias, ["version"] = made.Version }, cancellation));
        return StepResult.Pass();
    }

    public async Task<StepResult> ResolveAliasAsync(CancellationToken cancellation)
    {
        var query = TrackingApi.Query("registered-models/alias", ("name", made.Name), ("alias", Registration.Alias));
        var reply = await api.GetAsync(query, cancellation);
        reply.Expect("model_version.version", made.Version!);
        return StepResult.Pass($"version {made.Version}");
    }

    public async Task<StepResult> FindFilesAsync(CancellationToken cancellation)
    {
        var query = TrackingApi.Query("model-versions/get-download-uri", ("name", made.Name), ("version", made.Version!));
        var uri = (await api.GetAsync(query, cancellation)).Text("artifact_uri");
        made.VersionFolder = transfer.Folder(uri);
        return StepResult.Pass(uri);
    }

    public async Task<StepResult> DownloadAsync(CancellationToken cancellation)
    {
        var listed = await transfer.ListAsync(made.VersionFolder!, cancellation);
        foreach (var sent in made.ModelFiles)
        {
            if (!listed.ContainsKey(sent.Name)) throw new StepFailedException($"{sent.Name} was sent and is not among the {listed.Count} files of the model version");
            await transfer.CompareAsync(made.VersionFolder!, sent, cancellation);
        }
        return StepResult.Pass($"{made.ModelFiles.Count} files, {made.ModelFiles.Sum(sent => sent.Length)} bytes");
    }
}
