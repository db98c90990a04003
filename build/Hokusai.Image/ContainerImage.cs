using System.Text.Json.Nodes;

namespace Hokusai.Image;

/// <summary>An image: its layers, the configuration that says how it is run, and the manifest whose digest is the image's.</summary>
internal sealed class ContainerImage
{
    private ContainerImage(string name, IReadOnlyList<Layer> layers, Blob configuration, Blob manifest) => (Name, Layers, Configuration, Manifest) = (name, layers, configuration, manifest);

    /// <summary>The name under which engines load it.</summary>
    public string Name { get; }

    public IReadOnlyList<Layer> Layers { get; }

    public Blob Configuration { get; }

    public Blob Manifest { get; }

    /// <summary>What tells this image from any other.</summary>
    public string Digest => Manifest.Digest;

    /// <summary>Bytes that a registry would send for it.</summary>
    public long Size => Layers.Sum(layer => (long)layer.Packed.Bytes.Length) + Configuration.Bytes.Length + Manifest.Bytes.Length;

    /// <summary>Joins layers and settings (OCI image specification 1.1).</summary>
    /// <param name="name">Name and tag.</param>
    /// <param name="architecture">As in Go's GOARCH: <c>amd64</c>, <c>arm64</c>.</param>
    /// <param name="settings">User, environment, entry point and so on.</param>
    /// <param name="created">The image's time.</param>
    /// <param name="layers">The layers, from below.</param>
    public static ContainerImage Join(string name, string architecture, JsonObject settings, string created, IReadOnlyList<Layer> layers)
    {
        var configuration = Blob.Of("application/vnd.oci.image.config.v1+json", new JsonObject
        {
            ["created"] = created,
            ["architecture"] = architecture,
            ["os"] = "linux",
            ["config"] = settings,
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray([.. layers.Select(layer => (JsonNode)layer.UnpackedDigest)]) },
            ["history"] = new JsonArray([.. layers.Select(layer => new JsonObject { ["created"] = created, ["created_by"] = layer.Made })]),
        });
        var manifest = Blob.Of("application/vnd.oci.image.manifest.v1+json", new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
            ["config"] = configuration.Descriptor(),
            ["layers"] = new JsonArray([.. layers.Select(layer => layer.Packed.Descriptor())]),
        });
        return new ContainerImage(name, layers, configuration, manifest);
    }
}
