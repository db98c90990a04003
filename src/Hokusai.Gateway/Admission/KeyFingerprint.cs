using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Hokusai.Contracts.Keys;

namespace Hokusai.Gateway.Admission;

/// <summary>SHA-256 of a key: what is remembered by it can't be used as a key.</summary>
internal readonly record struct KeyFingerprint(UInt128 High, UInt128 Low)
{
    public static KeyFingerprint Of(ApiKey key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key.ToBytes(), hash);
        return MemoryMarshal.Read<KeyFingerprint>(hash);
    }

    /// <summary>Reads it as <c>sha256sum</c> writes it.</summary>
    public static bool TryParse([NotNullWhen(true)] string? hex, out KeyFingerprint fingerprint)
    {
        fingerprint = default;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (hex?.Length != 2 * SHA256.HashSizeInBytes || Convert.FromHexString(hex, hash, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        fingerprint = MemoryMarshal.Read<KeyFingerprint>(hash);
        return true;
    }
}
