using System.Net.Sockets;

namespace Hokusai.Verify;

/// <summary>Says in plain words why a request got no answer.</summary>
internal static class NetworkFault
{
    /// <summary>Whether this is a failure of the network, not of the program.</summary>
    public static bool Is(Exception fault) => fault is HttpRequestException or IOException or OperationCanceledException;

    /// <summary>Whether the connection did not come about.</summary>
    public static bool NoConnection(Exception fault) => ConnectTimedOut(fault) || fault is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    };

    public static string Describe(Exception fault, Uri address, Deadline deadline)
    {
        var place = $"{address.Host}:{address.Port}";
        if (ConnectTimedOut(fault)) return $"no connection to {place} within {VerifyHttp.ConnectLimit.TotalSeconds:0} s: a firewall or a security group may drop it";
        if (fault is OperationCanceledException && deadline.Passed) return $"timed out after {deadline.Limit.TotalSeconds:0} s";
        return (fault as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => $"the name {address.Host} was not found",
            HttpRequestError.SecureConnectionError => $"TLS with {place} failed: {Innermost(fault).Message}",
            HttpRequestError.ConnectionError => Connecting(fault, place),
            HttpRequestError.ResponseEnded => $"{place} closed the connection before the answer was complete",
            HttpRequestError.InvalidResponse => $"{place} does not answer as HTTP: {Innermost(fault).Message}",
            _ => $"the connection to {place} broke: {Innermost(fault).Message}",
        };
    }

    private static string Connecting(Exception fault, string place) => (Innermost(fault) as SocketException)?.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => $"connection refused at {place}: nothing listens there",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => $"no route to {place}",
        SocketError.TimedOut => $"no answer from {place}",
        _ => $"no connection to {place}: {Innermost(fault).Message}",
    };

    // The handler reports its own connect limit as a cancellation with a timeout inside.
    private static bool ConnectTimedOut(Exception fault) => fault is OperationCanceledException { InnerException: TimeoutException };

    private static Exception Innermost(Exception fault) => fault.GetBaseException();
}
