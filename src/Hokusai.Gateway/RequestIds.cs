using System.Globalization;
using System.Security.Cryptography;

namespace Hokusai.Gateway;

/// <summary>Makes request ids: 32 hexadecimal digits that sort by time, unique among all gateways.</summary>
/// <remarks>
/// 12 digits of milliseconds since 1970, 12 that this process drew at its start, 8 of a count. Nobody is let in by such an id, so it need not
/// be hard to guess; and random numbers for each request would be a call of the system for each.
/// </remarks>
internal static class RequestIds
{
    private static readonly ulong Process = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) & 0xFFFF_FFFF_FFFF;

    private static uint _count;

    /// <summary>The next id, of a request that came at this time.</summary>
    public static string Next(DateTimeOffset at) => string.Create(
        CultureInfo.InvariantCulture, stackalloc char[32], $"{at.ToUnixTimeMilliseconds():x12}{Process:x12}{Interlocked.Increment(ref _count):x8}");
}
