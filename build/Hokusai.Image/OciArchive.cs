using System.Formats.Tar;
using System.Text.Json.Nodes;

namespace Hokusai.Image;

/// <summary>An image as one file, which <c>podman load</c>, <c>docker load</c> (from 25) and <c>skopeo copy oci-archive:</c> read (OCI image layout 1.0).</summary>
internal static class OciArchive
{
    public static void Write(ContainerImage image, string path)
    {
        var manifest = image.Manifest.Descriptor();
        manifest["annotations"] = new JsonObject { ["io.containerd.image.name"] = image.Name, ["org.opencontainers.image.ref.name"] = image.Name };
        var index = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = "application/vnd.oci.image.index.v1+json", ["manifests"] = new JsonArray(manifest) };

        var content = new LayerContent();
        foreach (var blob in image.Layers.Select(layer => layer.Packed).Append(image.Configuration).Append(image.Manifest))
            content.AddBytes($"blobs/{blob.Digest.Replace(':', '/')}", blob.Bytes);
        content.AddText("index.json", index.ToJsonString());
        content.AddText("oci-layout", """{"imageLayoutVersion":"1.0.0"}""");

        using var file = File.Create(path);
        using var tar = new TarWriter(file, TarEntryFormat.Ustar);
        Layer.WriteAll(tar, content);
    }
}
