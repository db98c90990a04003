using System.Text.Json.Nodes;

namespace Hokusai.Verify;

/// <summary>The model itself: a logged model with files, or on MLflow 2.x a folder among the run's artifacts.</summary>
internal sealed class ModelSteps(Registration made, TrackingApi api, ArtifactTransfer transfer, TimeProvider time)
{
    private const string Folder = "model";
    private const int WeightsLength = 256 * 1024;

    public async Task<StepResult> CreateAsync(CancellationToken cancellation)
    {
        try
        {
            var reply = await made.MakeAsync(Leftover.LoggedModel, () => api.PostAsync("logged-models", new()
            {
                ["experiment_id"] = made.ExperimentId,
                ["name"] = Folder,
                ["source_run_id"] = made.RunId,
                ["params"] = new JsonArray(new JsonObject { ["key"] = "verify_mark", ["value"] = made.Mark }),
                ["tags"] = new JsonArray(new JsonObject { ["key"] = "mlflow.user", ["value"] = "hokusai-verify" }),
            }, cancellation));
            made.ModelId = reply.Text("model.info.model_id");
            made.ModelFolder = transfer.Folder(reply.Text("model.info.artifact_uri"));
            return StepResult.Pass($"id {made.ModelId}");
        }
        catch (CallFailedException refusal) when (refusal.UnknownEndpoint && !HasLoggedModels(made.ServerVersion))
        {
            made.ModelFolder = made.RunFolder!.Below(Folder);
            made.NoLoggedModels = $"MLflow {made.ServerVersion} has no logged models; the model goes among the run's artifacts";
            return StepResult.Skip(made.NoLoggedModels);
        }
    }

    public async Task<StepResult> UploadAsync(CancellationToken cancellation)
    {
        await UploadAsync("MLmodel", ArtifactBytes.FromText(Description()), cancellation);
        await UploadAsync("model.bin", ArtifactBytes.FromSeed(WeightsLength, made.Seed(0)), cancellation);
        return StepResult.Pass("MLmodel and model.bin");
    }

    public async Task<StepResult> FinalizeAsync(CancellationToken cancellation)
    {
        if (made.NoLoggedModels is { } reason) return StepResult.Skip(reason);
        var reply = await api.PatchAsync($"logged-models/{made.ModelId}", new() { ["model_id"] = made.ModelId, ["status"] = "LOGGED_MODEL_READY" }, cancellation);
        reply.Expect("model.info.status", "LOGGED_MODEL_READY");
        return StepResult.Pass();
    }

    public async Task<StepResult> LinkAsync(CancellationToken cancellation)
    {
        if (made.NoLoggedModels is { } reason) return StepResult.Skip(reason);
        await api.PostAsync("runs/outputs", new()
        {
            ["run_id"] = made.RunId,
            ["models"] = new JsonArray(new JsonObject { ["model_id"] = made.ModelId, ["step"] = 0 }),
        }, cancellation);
        return StepResult.Pass();
    }

    // From 3.0 on a missing endpoint is a fault of a hop in between, and clients of 3.x can't go on without it.
    private static bool HasLoggedModels(string version) => int.TryParse(version.Split('.')[0], out var major) && major >= 3;

    private async Task UploadAsync(string name, ArtifactBytes bytes, CancellationToken cancellation)
    {
        made.Uploads.Add((made.ModelFolder!, name));
        made.ModelFiles.Add(await transfer.UploadAsync(made.ModelFolder!, name, bytes, cancellation));
    }

    private string Description() => $"""
        artifact_path: {Folder}
        flavors:
          hokusai_verify:
            data: model.bin
        model_id: {made.ModelId ?? "null"}
        run_id: {made.RunId}
        utc_time_created: '{time.GetUtcNow():yyyy-MM-dd HH:mm:ss.ffffff}'

        """;
}
