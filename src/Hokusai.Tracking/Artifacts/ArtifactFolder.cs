using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Artifacts;

/// <summary>A file or folder among artifacts.</summary>
internal sealed record ArtifactEntry(string Path, bool IsFolder, long Size);

/// <summary>Artifacts below one folder of the file system. Paths given to it have been through <see cref="ArtifactPath.Clean"/>.</summary>
internal sealed class ArtifactFolder
{
    /// <summary>Where uploads grow until they are whole. On the same file system as the artifacts, so that the last step is a rename.</summary>
    public const string UploadsFolder = ".hokusai-uploads";

    private const int CopyBuffer = 128 * 1024;

    private readonly string _root;

    public ArtifactFolder(string root) => _root = Path.GetFullPath(root);

    /// <summary>Makes the folder and removes what uploads left behind when a server was killed.</summary>
    /// <exception cref="IOException">The folder can't be made or written.</exception>
    public void Prepare()
    {
        Directory.CreateDirectory(_root);
        var uploads = Path.Combine(_root, UploadsFolder);
        Directory.CreateDirectory(uploads);
        foreach (var file in Directory.EnumerateFiles(uploads)) File.Delete(file);
    }

    /// <summary>The path relative to this folder; null if the given one lies elsewhere.</summary>
    public string? PathBelow(string path)
    {
        var relative = Path.GetRelativePath(_root, path);
        return relative == "." ? "" : relative == ".." || relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? null : relative;
    }

    /// <summary>What lies in a folder, sorted by path; nothing if it is a file or does not exist.</summary>
    public IReadOnlyList<ArtifactEntry> List(string path)
    {
        var folder = new DirectoryInfo(Physical(path));
        if (!folder.Exists) return [];
        return [.. folder.EnumerateFileSystemInfos()
            .Where(entry => entry.Name != UploadsFolder)
            .Select(entry => new ArtifactEntry(path.Length == 0 ? entry.Name : $"{path}/{entry.Name}", entry is DirectoryInfo, (entry as FileInfo)?.Length ?? 0))
            .OrderBy(entry => entry.Path, StringComparer.Ordinal)];
    }

    /// <summary>The file, or null if there is none at the path.</summary>
    public FileInfo? Find(string path)
    {
        var file = new FileInfo(Physical(path));
        return file.Exists ? file : null;
    }

    /// <summary>Stores a file. It appears whole or not at all, and is on disk when this returns.</summary>
    public async Task WriteAsync(string path, Stream content, CancellationToken cancellation)
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

    /// <summary>Removes a file, or a folder with all in it. What is not there is removed already.</summary>
    public void Delete(string path)
    {
        var target = Physical(path);
        if (path.Length == 0) throw ArtifactPath.Invalid();
        if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        else if (File.Exists(target)) File.Delete(target);
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
