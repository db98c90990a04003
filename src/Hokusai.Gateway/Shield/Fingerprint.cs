using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Hokusai.Gateway.Shield;

/// <summary>What makes two creates the same request: who asks, for what, with which bytes. A SHA-256, so it can be shown and stored anywhere.</summary>
internal readonly record struct Fingerprint(UInt128 High, UInt128 Low)
{
    /// <summary>Takes the fingerprint.</summary>
    /// <param name="keyId">Id of the API key, never the key.</param>
    /// <param name="method">HTTP method.</param>
    /// <param name="target">Path as MLflow knows it, with query.</param>
    /// <param name="workspace">MLflow's workspace header, empty without one: the same body in two workspaces is two things.</param>
    /// <param name="body">All of the body.</param>
    public static Fingerprint Of(string keyId, string method, string target, string workspace, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // Each part goes with its length, or ("a", "bc") would be ("ab", "c").
        Append(hash, keyId);
        Append(hash, method);
        Append(hash, target);
        Append(hash, workspace);
        hash.AppendData(body);
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(bytes);
        return MemoryMarshal.Read<Fingerprint>(bytes);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{High:x32}{Low:x32}");

    private static void Append(IncrementalHash hash, string part)
    {
        var bytes = Encoding.UTF8.GetBytes(part);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
