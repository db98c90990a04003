namespace Hokusai.Verify;

/// <summary>Artifacts of the run: sent, listed, and fetched again.</summary>
internal sealed class ArtifactSteps(Registration made, ArtifactTransfer transfer)
{
    // A folder and a space in the name: both have to survive every hop.
    private const string Folder = "data";

    public async Task<StepResult> UploadAsync(string size, long length, CancellationToken cancellation)
    {
        var name = $"{Folder}/{size}.bin";
        made.Uploads.Add((made.RunFolder!, name));
        var bytes = ArtifactBytes.FromSeed(length, made.Seed(made.Uploads.Count));
        var sent = await transfer.UploadAsync(made.RunFolder!, name, bytes, cancellation);
        made.Artifacts.Add(sent);
        return StepResult.Pass($"{name}, SHA-256 {sent.Sha256[..12]}…");
    }

    public async Task<StepResult> ListAsync(CancellationToken cancellation)
    {
        var listed = await transfer.ListAsync(made.RunFolder!.Below(Folder), cancellation);
        foreach (var sent in made.Artifacts)
        {
            var name = sent.Name[(Folder.Length + 1)..];
            if (!listed.TryGetValue(name, out var length)) throw new StepFailedException($"{sent.Name} was sent and is not in the listing of {listed.Count} files");
            if (length != sent.Length) throw new StepFailedException($"{sent.Name} has {sent.Length} bytes, the listing says {length}");
        }
        return StepResult.Pass($"{listed.Count} files");
    }

    public async Task<StepResult> DownloadAsync(CancellationToken cancellation)
    {
        foreach (var sent in made.Artifacts) await transfer.CompareAsync(made.RunFolder!, sent, cancellation);
        return StepResult.Pass($"{made.Artifacts.Count} files, {made.Artifacts.Sum(sent => sent.Length)} bytes");
    }
}
