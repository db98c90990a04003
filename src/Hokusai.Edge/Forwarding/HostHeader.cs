using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Edge.Forwarding;

/// <summary>The Host header that a target gets.</summary>
/// <remarks>Source: AWS, "Edit attributes for your Application Load Balancer", host header preservation.</remarks>
internal static class HostHeader
{
    // An HTTP/1.0 request without the header: AWS does not say what the target gets.
    private const string Nobody = "localhost";

    /// <summary>The header as it came; the framework's own property would turn an encoded name (xn--…) into letters.</summary>
    public static string Of(HttpRequest request) => request.Headers.Host.ToString();

    /// <summary>The name without its port.</summary>
    public static string NameOf(string received) => PortAt(received) is >= 0 and var colon ? received[..colon] : received;

    /// <summary>The name that a transform may have changed, with the port that the target is to see.</summary>
    /// <param name="received">What came; empty for none.</param>
    /// <param name="name">Its name without port, as the rule's transform has left it.</param>
    /// <param name="renamed">Whether the transform changed it.</param>
    /// <param name="listenerPort">Port of the listener.</param>
    /// <param name="preserve">Whether the header passes as it came.</param>
    public static string Compose(string received, string name, bool renamed, int listenerPort, bool preserve)
    {
        if (received.Length == 0) name = Nobody;
        var colon = PortAt(received);
        if (colon >= 0 && (preserve || listenerPort is not (80 or 443))) return renamed ? string.Concat(name, received.AsSpan(colon)) : received;
        return preserve || listenerPort is 80 or 443 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{listenerPort}");
    }

    // The colon before the port; those of an IPv6 address are in brackets.
    private static int PortAt(string host) => host.LastIndexOf(':') is var colon && colon > host.LastIndexOf(']') ? colon : -1;
}
