using System.Globalization;

namespace Hokusai.Verify;

/// <summary>A kind of thing that the registration makes on the server and that clean-up has to remove.</summary>
internal enum Leftover
{
    Experiment,
    Run,
    LoggedModel,
    RegisteredModel,
    Version,
    Alias,
}

/// <summary>What one registration has made so far: the steps hand it on to each other, and clean-up reads it.</summary>
/// <param name="suffix">Eight hexadecimal digits that make the names unique.</param>
internal sealed class Registration(string suffix)
{
    public const string Alias = "champion";

    private readonly HashSet<Leftover> _left = [];
    private readonly ulong _seed = ulong.Parse(suffix, NumberStyles.HexNumber, CultureInfo.InvariantCulture) << 32;

    /// <summary>Name of the experiment and of the registered model.</summary>
    public string Name { get; } = $"hokusai-verify-{suffix}";

    /// <summary>Value of a parameter by which only this run is found.</summary>
    public string Mark { get; } = suffix;

    public string ServerVersion { get; set; } = "";

    public string? ExperimentId { get; set; }

    public string? RunId { get; set; }

    /// <summary>Null until created, and for good on a server without logged models.</summary>
    public string? ModelId { get; set; }

    /// <summary>Why the steps about the logged model do not apply; null where they do.</summary>
    public string? NoLoggedModels { get; set; }

    public string? Version { get; set; }

    public ArtifactFolder? RunFolder { get; set; }

    public ArtifactFolder? ModelFolder { get; set; }

    /// <summary>Folder to which the registry says that the version resolves.</summary>
    public ArtifactFolder? VersionFolder { get; set; }

    /// <summary>Artifacts of the run that were sent whole.</summary>
    public List<SentFile> Artifacts { get; } = [];

    /// <summary>Files of the model that were sent whole.</summary>
    public List<SentFile> ModelFiles { get; } = [];

    /// <summary>Files that may be on the server, sent whole or not.</summary>
    public List<(ArtifactFolder Folder, string Name)> Uploads { get; } = [];

    /// <summary>A seed of its own for each file, so that files of an earlier verification can't pass for it.</summary>
    public ulong Seed(int file) => _seed + ((ulong)file << 26);

    public bool IsLeft(Leftover thing) => _left.Contains(thing);

    public void Removed(Leftover thing) => _left.Remove(thing);

    /// <summary>Creates something, and remembers it for clean-up unless the server certainly did not create it.</summary>
    public async Task<Reply> MakeAsync(Leftover thing, Func<Task<Reply>> createAsync)
    {
        _left.Add(thing);
        try
        {
            return await createAsync();
        }
        catch (CallFailedException refusal) when (refusal.Refused)
        {
            // A name that is taken is refused too: what someone else made must stay.
            _left.Remove(thing);
            throw;
        }
    }
}
