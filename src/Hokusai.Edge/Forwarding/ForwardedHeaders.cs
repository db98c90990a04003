using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Edge.Forwarding;

/// <summary>The headers that tell a target where a request came from.</summary>
/// <remarks>Source: AWS, "X-Forwarded headers".</remarks>
internal static class ForwardedHeaders
{
    public const string For = "X-Forwarded-For";

    /// <summary>What the target gets as <c>X-Forwarded-For</c>; null for no such header.</summary>
    /// <param name="mode">What becomes of it.</param>
    /// <param name="before">What the client sent; null for nothing.</param>
    /// <param name="peer">The client's address.</param>
    /// <param name="port">The client's port; null if it is not to be told.</param>
    public static string? Compose(ForwardedForMode mode, string? before, IPAddress? peer, int? port)
    {
        if (mode == ForwardedForMode.Remove) return null;
        if (mode == ForwardedForMode.Preserve) return before;
        var own = peer?.ToString() ?? "";
        if (port is { } p) own = string.Create(CultureInfo.InvariantCulture, $"{(own.Contains(':', StringComparison.Ordinal) ? $"[{own}]" : own)}:{p}");
        return string.IsNullOrEmpty(before) ? own : $"{before}, {own}";
    }

    /// <summary>The peer of a connection; IPv4 never in its IPv6 form.</summary>
    public static IPAddress? PeerOf(HttpContext http) => http.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : http.Connection.RemoteIpAddress;
}
