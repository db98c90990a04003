using System.Xml.Linq;

namespace Hokusai.Tests.Architecture;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>Its folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Paths of all files that belong to it, relative to the root: whatever is not built, fetched or ignored.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Walk(Root).Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static XDocument Xml(string path) => XDocument.Load(Path.Combine(Root, path));

    /// <summary>Project files below a folder.</summary>
    public static IEnumerable<string> Projects(string folder = "") => Files.Where(path => path.StartsWith(folder, StringComparison.Ordinal) && path.EndsWith(".csproj", StringComparison.Ordinal));

    /// <summary>Fails with all findings in full: the framework's own messages cut long texts.</summary>
    public static void AssertNone(IEnumerable<string> findings)
    {
        var all = string.Join('\n', findings);
        Assert.True(all.Length == 0, all);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Hokusai.slnx"))) return folder.FullName;
        }
        throw new InvalidOperationException($"no Hokusai.slnx above {AppContext.BaseDirectory}: these tests read the sources of the checkout that built them");
    }

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (IsIgnored(entry)) continue;
            if (entry is FileInfo) yield return entry.FullName;
            else foreach (var path in Walk(entry.FullName)) yield return path;
        }
    }

    private static bool IsIgnored(FileSystemInfo entry) =>
        entry.Name is ".git" or "artifacts" or "bin" or "obj" or ".hokusai" or ".vs" or ".idea" or ".terraform" or "node_modules" or "TestResults"
        || entry.Name.EndsWith(".user", StringComparison.Ordinal) || entry.Name.Contains(".tfstate", StringComparison.Ordinal) || entry.LinkTarget is not null;
}
