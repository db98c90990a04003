using Microsoft.AspNetCore.Http;

namespace Hokusai.Tracking.Artifacts;

/// <summary>Artifacts below one place: a folder or part of a bucket. Paths given to it have been through <see cref="ArtifactPath.Clean"/>.</summary>
internal interface IArtifactStore : IDisposable
{
    /// <summary>Makes the place ready, or finds out that it can't be used.</summary>
    /// <exception cref="IOException">It can't be used; the message says why and what would help.</exception>
    Task PrepareAsync();

    /// <summary>What lies in a folder, sorted by path; nothing if it is a file or does not exist.</summary>
    Task<IReadOnlyList<ArtifactEntry>> ListAsync(string path, CancellationToken cancellation);

    /// <summary>The file, or null if there is none at the path.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="partly">Whether the caller wants only parts of it, most likely.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<StoredArtifact?> FindAsync(string path, bool partly, CancellationToken cancellation);

    /// <summary>Stores a file. It appears whole or not at all, and is durable when this returns.</summary>
    /// <param name="path">Where to store it; what lies there is replaced.</param>
    /// <param name="content">Its bytes; never whole in memory.</param>
    /// <param name="length">How many they are, if that is known.</param>
    /// <param name="cancellation">Gives up; nothing is left then.</param>
    Task WriteAsync(string path, Stream content, long? length, CancellationToken cancellation);

    /// <summary>Removes a file, or a folder with all in it. What is not there is removed already.</summary>
    Task DeleteAsync(string path, CancellationToken cancellation);
}

/// <summary>A file or folder among artifacts.</summary>
internal sealed record ArtifactEntry(string Path, bool IsFolder, long Size);

/// <summary>A file that was found.</summary>
/// <param name="Name">Its name without folders.</param>
/// <param name="As">Its bytes as an answer of a content type: whole, or the range that the request asks for.</param>
internal sealed record StoredArtifact(string Name, Func<string, IResult> As);
