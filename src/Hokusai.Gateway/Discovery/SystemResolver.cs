using System.Net;
using System.Net.Sockets;

namespace Hokusai.Gateway.Discovery;

/// <summary>Asks the system's own resolver, which knows /etc/hosts and whatever else is set up, but tells no TTL.</summary>
internal static class SystemResolver
{
    // No TTL is told, so it must be asked again soon; it answers from memory or from a file.
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(5);

    /// <summary>The addresses of a name, each with the port.</summary>
    public static async Task<Resolution> LookAsync(string name, int port, CancellationToken cancellation)
    {
        try
        {
            var addresses = AddressLookup.Sorted(await Dns.GetHostAddressesAsync(name, cancellation), port);
            return addresses.Count > 0 ? new Resolution(LookupOutcome.Found, addresses, Ttl, null) : Resolution.None(LookupOutcome.Empty, null, $"{name} has no address on this system");
        }
        catch (SocketException e)
        {
            var outcome = e.SocketErrorCode switch
            {
                SocketError.HostNotFound => LookupOutcome.NameUnknown,
                SocketError.NoData => LookupOutcome.Empty,
                _ => LookupOutcome.Failed,
            };
            return Resolution.None(outcome, null, $"{name} on this system: {e.Message}");
        }
    }
}
