using System.Net;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Admission;

/// <summary>The client's address: the last one in <c>X-Forwarded-For</c>, which a trusted load balancer wrote itself. All before it was the client's to invent.</summary>
internal sealed class ClientAddress(IEnumerable<IPNetwork> trusted)
{
    private readonly IPNetwork[] _trusted = [.. trusted];

    public string Of(HttpContext http)
    {
        var peer = http.Connection.RemoteIpAddress;
        if (peer is null) return "";
        if (peer.IsIPv4MappedToIPv6) peer = peer.MapToIPv4();
        string? forwarded = http.Request.Headers["X-Forwarded-For"];
        if (string.IsNullOrEmpty(forwarded) || !Array.Exists(_trusted, n => n.Contains(peer))) return peer.ToString();
        var last = forwarded[(forwarded.LastIndexOf(',') + 1)..].Trim();
        return IPAddress.TryParse(last, out var client) ? client.ToString() : peer.ToString();
    }
}
