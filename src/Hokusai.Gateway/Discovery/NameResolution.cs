namespace Hokusai.Gateway.Discovery;

/// <summary>Asks the system's own resolver for a name.</summary>
internal delegate Task<Resolution> AskSystem(string name, int port, CancellationToken cancellation);

/// <summary>Decides who is asked for the upstream's addresses: DNS itself, or the system's resolver.</summary>
internal sealed class NameResolution(Uri upstream, DiscoveryOptions options, AskDns dns, AskSystem system, TimeProvider time)
{
    private readonly AddressLookup _addresses = new(dns, time);
    private readonly ServiceLookup _services = new(dns, time);
    private readonly string _host = upstream.IdnHost.TrimEnd('.');
    private bool _knownToDns;

    /// <summary>Resolves the name once.</summary>
    public async Task<Resolution> LookAsync(CancellationToken cancellation)
    {
        if (options.Record == DnsRecord.Service) return await _services.LookAsync(_host, cancellation);
        if (options.Mode == DiscoveryMode.Auto && IsLocal(_host)) return await system(_host, upstream.Port, cancellation);
        var found = await _addresses.LookAsync(_host, upstream.Port, cancellation);
        _knownToDns |= found.Outcome == LookupOutcome.Found;
        // A name that DNS once knew is DNS's: the system's resolver would ask the same servers, only without telling TTLs.
        if (found.Outcome == LookupOutcome.Found || _knownToDns || options.Mode == DiscoveryMode.Dns) return found;
        var local = await system(_host, upstream.Port, cancellation);
        return local.Outcome == LookupOutcome.Found ? local : found;
    }

    // A name without a dot means something only with the system's search list (compose, hosts files); RFC 6761 for localhost.
    private static bool IsLocal(string host) => !host.Contains('.', StringComparison.Ordinal) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
}
