using System.Security.Cryptography;
using Hokusai.Contracts.Keys;

namespace Hokusai.Keys.Scan;

/// <summary>A key that was found. Holds of the key what may be shown.</summary>
/// <param name="Place">File, or commit and path; what lies in an archive after an exclamation mark.</param>
/// <param name="Line">Line, counted from 1.</param>
/// <param name="Display">The key's display prefix.</param>
/// <param name="IsCertain">Whether its checksum is right; otherwise only its form is.</param>
/// <param name="Fingerprint">What it is ignored by: the beginning of its SHA-256.</param>
internal sealed record Finding(string Place, long Line, string Display, bool IsCertain, string Fingerprint)
{
    public static Finding Of(string place, long line, ApiKey key) => new(place, line, key.Display, key.HasValidChecksum, FingerprintOf(key));

    public static string FingerprintOf(ApiKey key) => Convert.ToHexStringLower(SHA256.HashData(key.ToBytes()).AsSpan(0, 8));
}
