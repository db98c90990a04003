using System.Text;
using Hokusai.Contracts.Keys;

namespace Hokusai.Keys.Scan;

/// <summary>Looks through files and folders, names included, several at a time.</summary>
internal sealed class FileScan(ScanReport report)
{
    private static readonly FileStreamOptions Sequential = new() { Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.SequentialScan, BufferSize = 0 };

    private readonly ContentScan _contents = new(report);

    public async Task ScanAsync(IEnumerable<string> paths, CancellationToken cancellation) =>
        await Parallel.ForEachAsync(paths.SelectMany(Walk), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation }, async (path, stop) => await ScanFileAsync(path, stop));

    private async Task ScanFileAsync(string path, CancellationToken cancellation)
    {
        var place = KeyRedactor.Redact(path);
        await KeyFinder.ScanAsync(new MemoryStream(Encoding.UTF8.GetBytes(path)), (key, _) => report.Add(Finding.Of(place + " (its name)", 1, key)), cancellation);
        try
        {
            await using var file = new FileStream(path, Sequential);
            await _contents.ScanAsync(place, file, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report.AddUnread(path, e.Message);
        }
    }

    private IEnumerable<string> Walk(string path)
    {
        if (!Directory.Exists(path)) return [path];
        return WalkFolder(path);
    }

    private IEnumerable<string> WalkFolder(string folder)
    {
        List<FileSystemInfo> entries;
        try
        {
            entries = [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report.AddUnread(folder, e.Message);
            yield break;
        }
        foreach (var entry in entries)
        {
            var path = Path.Join(folder, entry.Name);
            if (entry.LinkTarget is not null) report.AddLeftOut(path, "is a link; what it leads to is looked at where it lies");
            else if (entry is DirectoryInfo && entry.Name == ".git") report.AddLeftOut(path, "is git's store; --git looks through it");
            else if (entry is FileInfo) yield return path;
            else
            {
                foreach (var inner in WalkFolder(path)) yield return inner;
            }
        }
    }
}
