using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Hokusai.Image;

/// <summary>A layer as it stands in an image.</summary>
/// <param name="Made">What made it, for the image's history.</param>
/// <param name="Packed">The compressed tar.</param>
/// <param name="UnpackedDigest">Digest of the tar, by which engines know a layer once it is unpacked.</param>
internal sealed record Layer(string Made, Blob Packed, string UnpackedDigest)
{
    /// <summary>Packs files, the same way each time.</summary>
    public static Layer Pack(string made, LayerContent content)
    {
        using var packed = new MemoryStream();
        using var hash = SHA256.Create();
        // gzip's header has no time and no name here; what comes out depends on what goes in and on the runtime's zlib.
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        using (var hashed = new CryptoStream(gzip, hash, CryptoStreamMode.Write))
        using (var tar = new TarWriter(hashed, TarEntryFormat.Ustar))
        {
            WriteAll(tar, content);
        }
        return new Layer(made, Blob.Of("application/vnd.oci.image.layer.v1.tar+gzip", packed.ToArray()), Blob.DigestText(hash.Hash!));
    }

    /// <summary>Writes files into a tar.</summary>
    public static void WriteAll(TarWriter tar, LayerContent content)
    {
        foreach (var (path, entry) in content.Entries) Write(tar, path, entry);
    }

    // The oldest form: it has no room for times of access and change, which would differ each time.
    private static void Write(TarWriter tar, string path, LayerEntry entry)
    {
        var written = new UstarTarEntry(entry.Type, entry.Type == TarEntryType.Directory ? path + "/" : path)
        {
            Mode = entry.Mode,
            Uid = entry.Owner,
            Gid = entry.Owner,
            ModificationTime = DateTimeOffset.UnixEpoch,
        };
        if (entry.Type == TarEntryType.SymbolicLink) written.LinkName = entry.Target;
        using Stream? data = entry.Bytes is { } bytes ? new MemoryStream(bytes) : entry.Source is { } source ? File.OpenRead(source) : null;
        if (data is not null) written.DataStream = data;
        tar.WriteEntry(written);
    }
}
