using System.Formats.Tar;
using System.IO.Compression;
using Hokusai.Image;

namespace Hokusai.Tests.Image;

/// <summary>A layer is the same bytes whenever and wherever it is packed.</summary>
public sealed class LayerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokusai-layer-");

    [Fact]
    public void Pack_SameFilesInAnotherOrderAtAnotherTime_IsEqual()
    {
        var first = Content("b/two", "a/one");
        foreach (var file in _folder.EnumerateFiles()) file.LastWriteTimeUtc = file.LastWriteTimeUtc.AddDays(-3);
        var second = Content("a/one", "b/two");

        Assert.Equal(Layer.Pack("x", first).Packed.Digest, Layer.Pack("x", second).Packed.Digest);
        Assert.Equal(Layer.Pack("x", first).UnpackedDigest, Layer.Pack("x", second).UnpackedDigest);
    }

    [Fact]
    public void Pack_AnotherByte_IsAnother()
    {
        var first = Layer.Pack("x", Content("a/one"));
        File.AppendAllText(Path.Combine(_folder.FullName, "one"), "!");

        Assert.NotEqual(first.Packed.Digest, Layer.Pack("x", Content("a/one")).Packed.Digest);
    }

    [Fact]
    public void Pack_Files_AreRootsInTheirFoldersAndWithoutTimes()
    {
        var content = Content("a/b/one");
        content.AddLink("l", "a");
        content.AddFolderOf(1654, "mine");
        var entries = Unpack(Layer.Pack("x", content));

        Assert.Equal(["a/", "a/b/", "a/b/one", "l", "mine/"], entries.Select(entry => entry.Name));
        Assert.All(entries, entry => Assert.Equal(DateTimeOffset.UnixEpoch, entry.ModificationTime));
        Assert.All(entries.SkipLast(1), entry => Assert.Equal((0, 0, "", ""), (entry.Uid, entry.Gid, entry.UserName, entry.GroupName)));
        Assert.Equal((1654, 1654), (entries[^1].Uid, entries[^1].Gid));
        Assert.Equal("a", entries[3].LinkName);
    }

    [Fact]
    public void Add_SamePathTwice_IsRefused()
    {
        var content = Content("a/one");

        Assert.Contains("a/one", Assert.Throws<PackingException>(() => content.AddText("a/one", "")).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private LayerContent Content(params string[] paths)
    {
        var content = new LayerContent();
        foreach (var path in paths)
        {
            var source = Path.Combine(_folder.FullName, Path.GetFileName(path));
            if (!File.Exists(source)) File.WriteAllText(source, path);
            content.AddFile(path, source);
        }
        return content;
    }

    private static List<PosixTarEntry> Unpack(Layer layer)
    {
        using var gzip = new GZipStream(new MemoryStream(layer.Packed.Bytes), CompressionMode.Decompress);
        using var reader = new TarReader(gzip);
        var entries = new List<PosixTarEntry>();
        while (reader.GetNextEntry() is PosixTarEntry entry) entries.Add(entry);
        return entries;
    }
}
