using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Edge.Forwarding;

/// <summary>The Host header that a target gets.</summary>
/// <remarks>Source: AWS, "Edit attributes for your Application Load Balancer", host header preservation.</remarks>
internal static class HostHeader
{
    /// <summary>The name that a transform changes, with the port that the target is to see.</summary>
    /// <param name="received">What came; empty for none.</param>
    /// <param name="name">Its name without port, as the rule's transform has left it.</param>
    /// <param name="renamed">Whether the transform changed it.</param>
    /// <param name="listenerPort">Port of the listener.</param>
    /// <param name="preserve">Whether the header passes as it came.</param>
    public static string Compose(HostString received, string name, bool renamed, int listenerPort, bool preserve)
    {
        // An HTTP/1.0 request without the header: AWS does not say what the target gets. Here it is told the listener.
        if (!received.HasValue) name = "localhost";
        var port = received.HasValue ? received.Port : null;
        if (preserve)
        {
            if (!renamed && received.HasValue) return received.Value;
            return port is { } kept ? With(name, kept) : name;
        }
        if (listenerPort is 80 or 443) return name;
        return port is not null && !renamed ? received.Value! : With(name, port ?? listenerPort);
    }

    private static string With(string name, int port) => string.Create(CultureInfo.InvariantCulture, $"{name}:{port}");
}
