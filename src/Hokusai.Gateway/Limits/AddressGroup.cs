using System.Net;
using System.Net.Sockets;

namespace Hokusai.Gateway.Limits;

/// <summary>Whom a client address stands for.</summary>
internal static class AddressGroup
{
    private const int NetworkBytes = 8;

    /// <summary>An IPv4 address is itself; an IPv6 address is its /64, of which one subscriber has all addresses.</summary>
    public static string Of(string address)
    {
        if (!address.Contains(':', StringComparison.Ordinal) || !IPAddress.TryParse(address, out var parsed)) return address;
        if (parsed.IsIPv4MappedToIPv6) return parsed.MapToIPv4().ToString();
        if (parsed.AddressFamily != AddressFamily.InterNetworkV6) return address;
        var bytes = parsed.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
