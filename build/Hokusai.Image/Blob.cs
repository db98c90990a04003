using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Hokusai.Image;

/// <summary>Bytes that an image refers to by their digest.</summary>
internal sealed record Blob(string MediaType, byte[] Bytes, string Digest)
{
    public static Blob Of(string mediaType, byte[] bytes) => new(mediaType, bytes, DigestText(SHA256.HashData(bytes)));

    public static Blob Of(string mediaType, JsonNode json) => Of(mediaType, System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()));

    public static string DigestText(byte[] hash) => "sha256:" + Convert.ToHexStringLower(hash);

    /// <summary>How manifests and indexes refer to it (OCI image specification 1.1, "Content Descriptors").</summary>
    public JsonObject Descriptor() => new() { ["mediaType"] = MediaType, ["digest"] = Digest, ["size"] = Bytes.Length };
}
