using System.IO.Enumeration;
using System.Net;

namespace Hokusai.Tracking;

/// <summary>
/// Refuses requests that a web page of somebody else's made: by a host name that the server does not go by (DNS
/// rebinding), or by an origin that is not its own.
/// </summary>
internal sealed class HostGuard(IReadOnlyList<string> allowedHosts)
{
    private static readonly IPNetwork[] Private =
    [
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("::1/128"),
    ];

    /// <summary>Whether the server answers to the name in a Host header.</summary>
    public bool AllowsHost(string host)
    {
        if (allowedHosts.Count == 0) return IsLocal(host);
        foreach (var allowed in allowedHosts)
        {
            if (allowed.Contains('*', StringComparison.Ordinal) ? FileSystemName.MatchesSimpleExpression(allowed, host) : allowed.Equals(host, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    /// <summary>Whether a page of an origin may change something: pages of the server itself and of this machine.</summary>
    public static bool AllowsOrigin(string origin, string host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && (uri.Authority.Equals(host, StringComparison.OrdinalIgnoreCase) || uri.IsLoopback);

    // By address, not by text: "10.evil.example" is no private address.
    private static bool IsLocal(string host)
    {
        // Brackets are for IPv6 addresses only, with nothing but a port behind them.
        if (host.StartsWith('[')) return host.IndexOf(']', StringComparison.Ordinal) is var end and > 0 && (end == host.Length - 1 || host[end + 1] == ':') && host[1..end].Contains(':', StringComparison.Ordinal) && IsPrivate(host[1..end]);
        var colon = host.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? host : host[..colon];
        if (name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name is "0.0.0.0") return true;
        return IsPrivate(name);
    }

    private static bool IsPrivate(string text) => IPAddress.TryParse(text, out var address) && Private.Any(network => network.Contains(address));
}
