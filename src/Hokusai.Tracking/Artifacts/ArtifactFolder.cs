using Hokusai.Tracking.Protocol;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Tracking.Artifacts;

/// <summary>Artifacts below one folder of the file system.</summary>
internal sealed class ArtifactFolder : IArtifactStore
{
    /// <summary>Where uploads grow until they are whole. On the same file system as the artifacts, so that the last step is a rename.</summary>
    public const string UploadsFolder = ".hokusai-uploads";

    private const int CopyBuffer = 128 * 1024;

    private readonly string _root;

    public ArtifactFolder(string root) => _root = Path.GetFullPath(root);

    /// <summary>Makes the folder and removes what uploads left behind when a server was killed.</summary>
    /// <exception cref="IOException">The folder can't be made or written.</exception>
    public Task PrepareAsync()
    {
        Directory.CreateDirectory(_root);
        var uploads = Path.Combine(_root, UploadsFolder);
        Directory.CreateDirectory(uploads);
        foreach (var file in Directory.EnumerateFiles(uploads)) File.Delete(file);
        return Task.CompletedTask;
    }

    /// <summary>The path relative to this folder; null if the given one lies elsewhere.</summary>
    public string? PathBelow(string path)
    {
        var relative = Path.GetRelativePath(_root, path);
        return relative == "." ? "" : relative == ".." || relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? null : relative;
    }

    public Task<IReadOnlyList<ArtifactEntry>> ListAsync(string path, CancellationToken cancellation) => Task.FromResult(List(path));

    public Task<StoredArtifact?> FindAsync(string path, bool partly, CancellationToken cancellation)
    {
        var file = new FileInfo(Physical(path));
        return Task.FromResult(file.Exists ? new StoredArtifact(file.Name, type => TypedResults.PhysicalFile(file.FullName, type, enableRangeProcessing: true)) : null);
    }

    public async Task WriteAsync(string path, Stream content, long? length, CancellationToken cancellation)
    {
        var target = Physical(path);
        if (path.Length == 0 || Directory.Exists(target)) throw ApiException.Invalid($"'{path}' is a folder: name the file in the path");
        var upload = Path.Combine(_root, UploadsFolder, Guid.NewGuid().ToString("n"));
        try
        {
            await using (var file = new FileStream(upload, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true))
            {
                await content.CopyToAsync(file, CopyBuffer, cancellation);
                file.Flush(flushToDisk: true);
            }
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(upload, target, overwrite: true);
        }
        catch (Exception e)
        {
            File.Delete(upload);
            if (e is PathTooLongException || (e is IOException && Path.GetFileName(target).Length > 200)) throw ApiException.Invalid($"The name '{Rules.Cut(path, 80)}…' is too long for a file");
            if (e is IOException && File.Exists(Path.GetDirectoryName(target))) throw ApiException.Invalid($"'{path}' can't be stored: a file stands where a folder would have to be");
            throw;
        }
    }

    public Task DeleteAsync(string path, CancellationToken cancellation)
    {
        var target = Physical(path);
        if (path.Length == 0) throw ArtifactPath.Invalid();
        if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        else if (File.Exists(target)) File.Delete(target);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        // Nothing is held open between requests.
    }

    private IReadOnlyList<ArtifactEntry> List(string path)
    {
        var folder = new DirectoryInfo(Physical(path));
        if (!folder.Exists) return [];
        return [.. folder.EnumerateFileSystemInfos()
            .Where(entry => entry.Name != UploadsFolder)
            .Select(entry => new ArtifactEntry(path.Length == 0 ? entry.Name : $"{path}/{entry.Name}", entry is DirectoryInfo, (entry as FileInfo)?.Length ?? 0))
            .OrderBy(entry => entry.Path, StringComparer.Ordinal)];
    }

    // A link could point anywhere. Nothing here makes links, so one that is met was put there to lead out.
    private string Physical(string path)
    {
        var physical = _root;
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            physical = Path.Combine(physical, segment);
            if (new FileInfo(physical).LinkTarget is not null) throw ArtifactPath.Invalid();
        }
        return PathBelow(physical) is null ? throw ArtifactPath.Invalid() : physical;
    }
}
