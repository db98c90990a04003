using System.Net;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Admission;

/// <summary>The client's address: the last one in <c>X-Forwarded-For</c>, which a trusted load balancer wrote itself. All before it was the client's to invent.</summary>
internal sealed class ClientAddress(IEnumerable<IPNetwork> trusted)
{
    private readonly IPNetwork[] _trusted = [.. trusted];

    public string Of(HttpContext http)
    {
        var peer = PeerOf(http);
        if (peer is null) return "";
        string? forwarded = http.Request.Headers["X-Forwarded-For"];
        if (string.IsNullOrEmpty(forwarded) || !IsTrusted(peer)) return peer.ToString();
        return IPAddress.TryParse(Last(forwarded), out var client) ? client.ToString() : peer.ToString();
    }

    /// <summary>Whether the client speaks TLS: with the gateway itself, or with a trusted load balancer that says so.</summary>
    public bool IsTls(HttpContext http)
    {
        if (http.Request.IsHttps) return true;
        string? scheme = http.Request.Headers["X-Forwarded-Proto"];
        return !string.IsNullOrEmpty(scheme) && PeerOf(http) is { } peer && IsTrusted(peer) && Last(scheme).Equals("https", StringComparison.OrdinalIgnoreCase);
    }

    private static IPAddress? PeerOf(HttpContext http) => http.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : http.Connection.RemoteIpAddress;

    private static ReadOnlySpan<char> Last(string values) => values.AsSpan()[(values.LastIndexOf(',') + 1)..].Trim();

    private bool IsTrusted(IPAddress peer) => Array.Exists(_trusted, n => n.Contains(peer));
}
