using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Hokusai.Contracts.Keys;

namespace Hokusai.Keys.Scan;

/// <summary>Looks through everything that a git repository ever held: the contents of all commits, whether a branch still reaches them or not, and the messages of commits and tags.</summary>
internal sealed class GitScan(ScanReport report, string folder)
{
    /// <exception cref="CommandFailure">There is no git, or no repository.</exception>
    public async Task ScanAsync(CancellationToken cancellation)
    {
        // Found by id first, named afterwards: only what holds a key is looked up in the history.
        var found = new ScanReport(Baseline.None);
        using (var git = Start("cat-file", "--batch-all-objects", "--batch", "--buffer", "--unordered"))
        {
            var errors = git.StandardError.ReadToEndAsync(cancellation);
            await using var objects = new BufferedStream(git.StandardOutput.BaseStream, 256 * 1024);
            await ReadObjectsAsync(new ObjectReader(objects), found, cancellation);
            await git.WaitForExitAsync(cancellation);
            if (git.ExitCode != 0) throw CommandFailure.Usage($"git in {folder}: {(await errors).Trim()}");
        }
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var finding in found.Findings)
        {
            var parts = finding.Place.Split(['!', ' '], 2);
            if (!names.TryGetValue(parts[0], out var name)) names[parts[0]] = name = await NameAsync(parts[0], cancellation);
            report.Add(finding with { Place = KeyRedactor.Redact(name + finding.Place[parts[0].Length..]) });
        }
        foreach (var (place, reason) in found.Unread) report.AddUnread(place, reason);
        foreach (var (place, reason) in found.LeftOut) report.AddLeftOut(place, reason);
    }

    private async Task ReadObjectsAsync(ObjectReader objects, ScanReport found, CancellationToken cancellation)
    {
        var contents = new ContentScan(found);
        while (objects.Next() is { } header)
        {
            await using var content = objects.Content(header.Size);
            // A tree's names come with the commits that show them; its bytes are ids.
            if (header.Type != "tree") await contents.ScanAsync(header.Type == "blob" ? header.Id : $"{header.Id} ({header.Type} message)", content, cancellation);
            await content.SkipAsync(cancellation);
            if (header.Type != "tree") report.Read(header.Size);
        }
    }

    // The oldest commit that brought it: that is where it has to be taken out.
    private async Task<string> NameAsync(string id, CancellationToken cancellation)
    {
        using var git = Start("log", "--all", "-m", "--raw", "--no-abbrev", "--no-renames", "--format=%H", "--find-object=" + id);
        _ = git.StandardError.ReadToEndAsync(cancellation);
        var (commit, name) = ("", "");
        while (await git.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (line.Length > 0 && line[0] != ':') commit = line;
            else if (line.Split('\t', 2) is [var change, var path] && change.Split(' ') is [_, _, _, var now, ..] && now == id) name = $"{commit[..12]}:{path}";
        }
        await git.WaitForExitAsync(cancellation);
        return name.Length > 0 ? name : id[..12];
    }

    private Process Start(params IEnumerable<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("git", ["-C", folder, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 })!;
        }
        catch (Win32Exception e)
        {
            throw CommandFailure.Unreachable($"git can't be started: {e.Message}");
        }
    }

    /// <summary>Takes apart what <c>git cat-file --batch</c> writes: <c>ID TYPE SIZE</c>, a line end, so many bytes, a line end.</summary>
    private sealed class ObjectReader(BufferedStream stream)
    {
        public (string Id, string Type, long Size)? Next()
        {
            var line = new StringBuilder();
            for (var next = stream.ReadByte(); next != '\n'; next = stream.ReadByte())
            {
                if (next < 0) return null;
                line.Append((char)next);
            }
            return line.ToString().Split(' ') is [var id, var type, var size] ? (id, type, long.Parse(size, CultureInfo.InvariantCulture)) : throw new InvalidDataException($"git wrote an odd line: {line}");
        }

        public BoundedStream Content(long size) => new(stream, size);
    }
}
