using System.Formats.Tar;
using System.Text;

namespace Hokusai.Image;

/// <summary>One file, folder or link of a layer.</summary>
internal sealed record LayerEntry(TarEntryType Type, UnixFileMode Mode)
{
    /// <summary>User and group that own it; 0 for all but what the program may write to.</summary>
    public int Owner { get; init; }

    /// <summary>The file whose bytes it takes.</summary>
    public string? Source { get; init; }

    /// <summary>Its bytes, if they are made here.</summary>
    public byte[]? Bytes { get; init; }

    /// <summary>Where a link leads.</summary>
    public string Target { get; init; } = "";
}

/// <summary>The files of a layer, by path, in an order that does not depend on the machine. Everything is root's and writable by nobody else.</summary>
internal sealed class LayerContent
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly SortedDictionary<string, LayerEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>Entries by their path, without a slash at the beginning; folders before what is in them.</summary>
    public IReadOnlyDictionary<string, LayerEntry> Entries => _entries;

    public void AddFile(string path, string source, bool executable = false) => Add(path, new LayerEntry(TarEntryType.RegularFile, executable ? Executable : Readable) { Source = source });

    public void AddBytes(string path, byte[] bytes) => Add(path, new LayerEntry(TarEntryType.RegularFile, Readable) { Bytes = bytes });

    public void AddText(string path, string text) => AddBytes(path, Encoding.UTF8.GetBytes(text));

    public void AddLink(string path, string target) => Add(path, new LayerEntry(TarEntryType.SymbolicLink, Executable) { Target = target });

    /// <summary>A folder that belongs to a user, for whom alone it is.</summary>
    public void AddFolderOf(int owner, string path) => Add(path, new LayerEntry(TarEntryType.Directory, Private) { Owner = owner });

    /// <summary>All files below a folder, with paths relative to it.</summary>
    public void AddTree(string path, string source, Func<string, bool> belongs, Func<string, bool> isExecutable)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(source, file);
            if (belongs(name)) AddFile($"{path}/{name}", file, isExecutable(name));
        }
    }

    private void Add(string path, LayerEntry entry)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            _entries.TryAdd(path[..slash], new LayerEntry(TarEntryType.Directory, Executable));
        }
        if (!_entries.TryAdd(path, entry)) throw new PackingException($"{path} stands in a layer twice");
    }
}
