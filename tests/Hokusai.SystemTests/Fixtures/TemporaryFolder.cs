namespace Hokusai.SystemTests.Fixtures;

/// <summary>A folder of a test's own, deleted with all in it at its end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokusai-test-");

    public string Path => _folder.FullName;

    /// <summary>The path of something in it.</summary>
    public string PathOf(params IEnumerable<string> names) => System.IO.Path.Combine([Path, .. names]);

    /// <summary>All files below a folder in it, as paths relative to that folder, sorted.</summary>
    public IReadOnlyList<string> FilesBelow(params IEnumerable<string> names)
    {
        var root = PathOf(names);
        return [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(file => System.IO.Path.GetRelativePath(root, file)).Order(StringComparer.Ordinal)];
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
