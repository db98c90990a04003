namespace Hokusai.SystemTests.Tracking.Artifacts;

/// <summary>A tracking server with the place where it keeps artifacts, seen from behind.</summary>
internal abstract class ArtifactPlace : IAsyncDisposable
{
    public abstract string Url { get; }

    /// <summary>Uploads under way that left something in the place.</summary>
    public abstract int Unfinished { get; }

    /// <summary>How many bytes of an upload must have come for it to be among them.</summary>
    public abstract int ShownFrom { get; }

    /// <summary>Paths of all files, sorted.</summary>
    public abstract IReadOnlyList<string> Stored();

    /// <summary>Puts a file there without the server.</summary>
    public abstract void Plant(string path, byte[] content);

    public abstract ValueTask DisposeAsync();
}
