using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Hokusai.SystemTests.Image;

/// <summary>One file, folder or link in an image.</summary>
internal sealed record ImageEntry(string Path, TarEntryType Type, UnixFileMode Mode, int Owner, int Group, string Target, byte[] Bytes)
{
    public bool IsFile => Type == TarEntryType.RegularFile;

    public bool IsExecutable => (Mode & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}

/// <summary>An OCI archive, read as an engine reads it: by digests, each of which is checked.</summary>
internal sealed record ImageFile(string Path, string Digest, long CompressedSize, JsonNode Configuration, IReadOnlyList<ImageEntry> Entries)
{
    public JsonNode Settings => Configuration["config"]!;

    /// <param name="path">The archive.</param>
    /// <param name="digest">The digest that the script printed.</param>
    public static ImageFile Read(string path, string digest)
    {
        var files = Unpack(File.OpenRead(path)).Where(entry => entry.IsFile).ToDictionary(entry => entry.Path, entry => entry.Bytes);
        var inIndex = (string)JsonNode.Parse(files["index.json"])!["manifests"]![0]!["digest"]!;
        Assert.Equal(digest, inIndex);
        var manifest = JsonNode.Parse(Blob(digest))!;
        var layers = manifest["layers"]!.AsArray().Select(layer => Blob((string)layer!["digest"]!)).ToList();
        var configuration = JsonNode.Parse(Blob((string)manifest["config"]!["digest"]!))!;
        var unpacked = layers.Select(Gunzip).ToList();
        Assert.Equal(configuration["rootfs"]!["diff_ids"]!.AsArray().Select(id => (string)id!), unpacked.Select(DigestOf));
        return new ImageFile(path, digest, layers.Sum(layer => (long)layer.Length), configuration, [.. unpacked.SelectMany(tar => Unpack(new MemoryStream(tar)))]);

        byte[] Blob(string name)
        {
            var bytes = files["blobs/" + name.Replace(':', '/')];
            Assert.Equal(name, DigestOf(bytes));
            return bytes;
        }
    }

    public ImageEntry Entry(string path) => Entries.Single(entry => entry.Path == path);

    private static string DigestOf(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] Gunzip(byte[] packed)
    {
        using var unpacked = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        gzip.CopyTo(unpacked);
        return unpacked.ToArray();
    }

    private static List<ImageEntry> Unpack(Stream stream)
    {
        using var reader = new TarReader(stream);
        var entries = new List<ImageEntry>();
        while (reader.GetNextEntry(copyData: true) is { } entry)
        {
            using var bytes = new MemoryStream();
            entry.DataStream?.CopyTo(bytes);
            entries.Add(new ImageEntry(entry.Name.TrimEnd('/'), entry.EntryType == TarEntryType.V7RegularFile ? TarEntryType.RegularFile : entry.EntryType, entry.Mode, entry.Uid, entry.Gid, entry.LinkName, bytes.ToArray()));
        }
        return entries;
    }
}
