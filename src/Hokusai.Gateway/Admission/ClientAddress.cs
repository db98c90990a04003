using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Admission;

/// <summary>
/// The client's address: the peer's, or if that is a trusted proxy, the last entry of X-Forwarded-For, and so on from the right as long as
/// each address is a trusted proxy's. What a client wrote into the header itself stands further left and is never reached.
/// </summary>
internal sealed class ClientAddress(IEnumerable<IPNetwork> trusted)
{
    private const string Header = "X-Forwarded-For";

    private static readonly SearchValues<char> DigitsAndDots = SearchValues.Create("0123456789.");

    private readonly IPNetwork[] _trusted = [.. trusted];

    public string Of(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is not { } peer) return "";
        var client = Plain(peer);
        string? forwarded = http.Request.Headers[Header];
        var rest = forwarded.AsSpan();
        while (!rest.IsEmpty && IsTrusted(client))
        {
            var comma = rest.LastIndexOf(',');
            // Whoever stands behind garbage is not known; the proxy that passed it on is.
            if (!TryParse(rest[(comma + 1)..], out var before)) break;
            client = before;
            rest = comma < 0 ? default : rest[..comma];
        }
        return client.ToString();
    }

    /// <summary>Whether the client speaks TLS: with the gateway itself, or with a trusted load balancer that says so.</summary>
    public bool IsTls(HttpContext http)
    {
        if (http.Request.IsHttps) return true;
        string? schemes = http.Request.Headers["X-Forwarded-Proto"];
        if (string.IsNullOrEmpty(schemes) || http.Connection.RemoteIpAddress is not { } peer || !IsTrusted(Plain(peer))) return false;
        return schemes.AsSpan()[(schemes.LastIndexOf(',') + 1)..].Trim().Equals("https", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>All that was said of the way, for the log: the header's entries and the peer.</summary>
    public static string ChainOf(HttpContext http)
    {
        string? forwarded = http.Request.Headers[Header];
        var peer = http.Connection.RemoteIpAddress is { } address ? Plain(address).ToString() : "";
        if (string.IsNullOrEmpty(forwarded)) return peer;
        return $"{(forwarded.Length > 200 ? "…" + forwarded[^200..] : forwarded)}, {peer}";
    }

    /// <summary>Reads a network (CIDR) or a single address. Bits behind the prefix don't matter.</summary>
    public static bool TryParseNetwork(string? text, out IPNetwork network)
    {
        network = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (text is null || !TryParse(slash < 0 ? text : text.AsSpan(0, slash), out var address)) return false;
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var length = bits;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out length) || length > bits)) return false;
        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bits; bit++) bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        network = new IPNetwork(new IPAddress(bytes), length);
        return true;
    }

    /// <summary>Reads an address as proxies write it: with blanks, quotes, brackets and a port.</summary>
    internal static bool TryParse(ReadOnlySpan<char> text, out IPAddress address)
    {
        address = IPAddress.None;
        text = text.Trim().Trim('"');
        if (text.StartsWith("[", StringComparison.Ordinal))
        {
            var end = text.IndexOf(']');
            if (end < 0 || (end + 1 < text.Length && text[end + 1] != ':')) return false;
            text = text[1..end];
            if (!text.Contains(':')) return false;
        }
        else if (text.Count(':') == 1) text = text[..text.IndexOf(':')];
        // "1" and "0x7f.1" are addresses to the parser, and to nobody else.
        if (!text.Contains(':') && (text.Count('.') != 3 || text.ContainsAnyExcept(DigitsAndDots))) return false;
        if (!IPAddress.TryParse(text, out var parsed)) return false;
        address = Plain(parsed);
        return true;
    }

    private bool IsTrusted(IPAddress address)
    {
        foreach (var network in _trusted)
        {
            if (network.Contains(address)) return true;
        }
        return false;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
