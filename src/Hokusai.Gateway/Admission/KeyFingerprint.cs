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
}
