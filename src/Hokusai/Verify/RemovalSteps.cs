namespace Hokusai.Verify;

/// <summary>Clean-up: removes what was made, or may have been made by a request that was not answered.</summary>
internal sealed class RemovalSteps(Registration made, TrackingApi api, ArtifactTransfer transfer)
{
    private static readonly StepResult Nothing = StepResult.NotRun("nothing to remove");

    public Task<StepResult> RemoveAliasAsync(CancellationToken cancellation) => RemoveAsync(Leftover.Alias, () =>
        api.DeleteAsync("registered-models/alias", new() { ["name"] = made.Name, ["alias"] = Registration.Alias }, cancellation));

    public async Task<StepResult> RemoveVersionAsync(CancellationToken cancellation) => made.IsLeft(Leftover.Version) && made.Version is null
        ? StepResult.NotRun("its number was never answered; it goes with the registered model")
        : await RemoveAsync(Leftover.Version, () =>
            api.DeleteAsync("model-versions/delete", new() { ["name"] = made.Name, ["version"] = made.Version }, cancellation));

    public Task<StepResult> RemoveRegisteredModelAsync(CancellationToken cancellation) => RemoveAsync(Leftover.RegisteredModel, () =>
        api.DeleteAsync("registered-models/delete", new() { ["name"] = made.Name }, cancellation));

    public async Task<StepResult> RemoveLoggedModelAsync(CancellationToken cancellation)
    {
        if (made.NoLoggedModels is { } reason) return StepResult.Skip(reason);
        if (made.IsLeft(Leftover.LoggedModel) && made.ModelId is null) return StepResult.NotRun("its id was never answered; it stays with the deleted experiment");
        return await RemoveAsync(Leftover.LoggedModel, () =>
            api.DeleteAsync($"logged-models/{made.ModelId}", new() { ["model_id"] = made.ModelId }, cancellation));
    }

    /// <summary>Removes the folders that belong to this registration alone, else file by file.</summary>
    public async Task<StepResult> RemoveArtifactsAsync(CancellationToken cancellation)
    {
        if (made.Uploads.Count == 0) return Nothing;
        var removed = new List<ArtifactFolder>();
        foreach (var files in made.Uploads.GroupBy(upload => upload.Folder))
        {
            // A folder below a removed one is gone with it, and some servers fail when asked again.
            if (removed.Any(folder => files.Key.Path.StartsWith(folder.Path + "/", StringComparison.Ordinal))) continue;
            if (!IsOurs(files.Key))
            {
                foreach (var (folder, name) in files) await transfer.DeleteAsync(folder, name, cancellation);
                continue;
            }
            await transfer.DeleteAsync(files.Key, cancellation);
            removed.Add(files.Key);
        }
        return StepResult.Pass($"{made.Uploads.Count} files");
    }

    public async Task<StepResult> RemoveRunAsync(CancellationToken cancellation) => made.IsLeft(Leftover.Run) && made.RunId is null
        ? StepResult.NotRun("its id was never answered; it goes with the experiment")
        : await RemoveAsync(Leftover.Run, () => api.PostAsync("runs/delete", new() { ["run_id"] = made.RunId }, cancellation));

    public Task<StepResult> RemoveExperimentAsync(CancellationToken cancellation) => RemoveAsync(Leftover.Experiment, async () =>
    {
        made.ExperimentId ??= (await api.GetAsync(TrackingApi.Query("experiments/get-by-name", ("experiment_name", made.Name)), cancellation)).Text("experiment.experiment_id");
        return await api.PostAsync("experiments/delete", new() { ["experiment_id"] = made.ExperimentId }, cancellation);
    });

    public async Task<StepResult> CheckModelGoneAsync(CancellationToken cancellation)
    {
        if (made.Version is null || made.IsLeft(Leftover.RegisteredModel)) return StepResult.NotRun("nothing was removed");
        try
        {
            var reply = await api.GetAsync(TrackingApi.Query("registered-models/get", ("name", made.Name)), cancellation);
            throw new StepFailedException($"{reply.Call}: the registered model was removed and is still found");
        }
        catch (CallFailedException answer) when (answer.UnknownThing)
        {
            return StepResult.Pass("404");
        }
    }

    public async Task<StepResult> CheckArtifactGoneAsync(CancellationToken cancellation)
    {
        if (made.Artifacts is not [var sent, ..]) return StepResult.NotRun("nothing was removed");
        try
        {
            await transfer.CompareAsync(made.RunFolder!, sent, cancellation);
            throw new StepFailedException($"{sent.Name} was removed and is still served");
        }
        catch (CallFailedException answer) when (answer.Status == 404)
        {
            return StepResult.Pass("404");
        }
        catch (CallFailedException answer) when (answer.Status == 500)
        {
            // MLflow itself answers 500 for an artifact that is not there; its listing tells the truth.
            var folder = sent.Name[..sent.Name.LastIndexOf('/')];
            var listed = await transfer.ListAsync(made.RunFolder!.Below(folder), cancellation);
            if (listed.Count > 0) throw;
            return StepResult.Pass("500 as MLflow answers it; the listing is empty");
        }
    }

    // Only an id in its path proves that a folder is no one else's.
    private bool IsOurs(ArtifactFolder folder) =>
        folder.Path.Split('/').Any(part => part.Length > 8 && (part == made.RunId || part == made.ModelId));

    private async Task<StepResult> RemoveAsync(Leftover thing, Func<Task<Reply>> removeAsync)
    {
        if (!made.IsLeft(thing)) return Nothing;
        try
        {
            await removeAsync();
            made.Removed(thing);
            return StepResult.Pass();
        }
        catch (CallFailedException answer) when (answer.UnknownThing)
        {
            made.Removed(thing);
            return StepResult.Pass("it was not there");
        }
    }
}
