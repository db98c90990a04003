using System.Globalization;
using System.Net;
using Hokusai.Contracts.Routing;

namespace Hokusai.Routes.Explain;

/// <summary>The request that somebody asks about. Its path stays as it was written: nothing is decoded or cleaned.</summary>
/// <param name="Url">The URL or path as given.</param>
/// <param name="Port">Port of the listener that a whole URL leads to; null for a bare path.</param>
/// <param name="Request">What rules look at.</param>
internal sealed record AskedRequest(string Url, int? Port, ListenerRequest Request)
{
    private const int HttpPort = 80, HttpsPort = 443;

    /// <exception cref="CommandFailure">Something given is not what it should be.</exception>
    public static AskedRequest Parse(string method, string url, string? from, IReadOnlyList<string> headers)
    {
        if (method.Length == 0 || method.Any(c => !char.IsAsciiLetter(c) && c is not ('-' or '_'))) throw CommandFailure.Usage($"method '{method}': is none; write it as GET");
        if (url.Any(c => c <= ' ' || c >= 0x7f)) throw CommandFailure.Usage($"URL '{url}': holds a blank or a character that no request line has; write it with %, as the client sends it");
        var target = url.Split('#', 2)[0];
        var (host, port) = target.StartsWith('/') ? (null, (int?)null) : Origin(target);
        var fields = headers.Select(Header).ToList();
        var named = host ?? fields.Where(f => f.Name.Equals("Host", StringComparison.OrdinalIgnoreCase)).Select(f => WithoutPort(f.Value)).FirstOrDefault() ?? "";
        IPAddress? source = null;
        if (from is not null && !IPAddress.TryParse(from, out source)) throw CommandFailure.Usage($"--from '{from}': is no IP address");
        return new AskedRequest(url, port, new ListenerRequest
        {
            Method = method,
            Path = RawTarget.PathOf(target).ToString(),
            Query = RawTarget.QueryOf(target).ToString(),
            Host = named,
            Source = source is { IsIPv4MappedToIPv6: true } ? source.MapToIPv4() : source,
            Header = name => fields.Where(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(f => f.Value),
        });
    }

    private static (string Name, string Value) Header(string text) =>
        text.Split(':', 2) is [{ Length: > 0 } name, var value] ? (name.Trim(), value.Trim()) : throw CommandFailure.Usage($"--header '{text}': write it as 'Name: value'");

    private static (string Host, int? Port) Origin(string target)
    {
        var scheme = target.Split("://", 2) is [var s, { Length: > 0 }] ? s.ToLowerInvariant() : "";
        if (scheme is not ("http" or "https")) throw CommandFailure.Usage($"URL '{target}': write https://HOST/PATH, http://HOST/PATH or a path that begins with '/'");
        var authority = target[(scheme.Length + 3)..].Split('/', '?')[0];
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        var host = WithoutPort(authority);
        if (host.Length == 0) throw CommandFailure.Usage($"URL '{target}': has no host");
        var rest = authority[host.Length..];
        if (rest.Length == 0) return (host, scheme == "https" ? HttpsPort : HttpPort);
        return int.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535 ? (host, port) : throw CommandFailure.Usage($"URL '{target}': port '{rest[1..]}' is not within 1 to 65535");
    }

    private static string WithoutPort(string authority)
    {
        var colon = authority.IndexOf(':', authority.StartsWith('[') ? Math.Max(authority.IndexOf(']', StringComparison.Ordinal), 0) : 0);
        return colon < 0 ? authority : authority[..colon];
    }
}
