using System.Net;
using DnsClient;

namespace Hokusai.Gateway.Discovery;

/// <summary>Asks the configured DNS servers, or the system's, one after the other until one knows.</summary>
internal sealed class NameServerQuery(DiscoveryOptions options)
{
    private const int DnsPort = 53;

    // Larger datagrams travel in fragments, and those get lost in tunnels and on firewalls (DNS Flag Day 2020).
    private const int LargestDatagram = 1232;

    private volatile List<(NameServer Server, LookupClient Client)> _servers = [];

    /// <summary>Asks one question.</summary>
    public async Task<DnsAnswer> AskAsync(string name, QueryType type, CancellationToken cancellation)
    {
        var servers = Servers();
        var errors = new List<string>();
        for (var i = 0; i < servers.Count; i++)
        {
            var (server, client) = servers[i];
            var answer = await AskAsync(server, client, name, type, cancellation);
            if (answer.Outcome != LookupOutcome.Failed)
            {
                // The next question starts with the server that answered, so that a dead one costs its deadline only once.
                if (i > 0) _servers = [.. servers[i..], .. servers[..i]];
                return answer;
            }
            errors.Add(answer.Error!);
        }
        // The system may have got others in the meantime: a laptop changes networks.
        if (options.NameServers.Count == 0) _servers = [];
        return DnsAnswer.Failure(errors.Count == 0 ? "no DNS server is configured on this system" : string.Join("; ", errors));
    }

    private static async Task<DnsAnswer> AskAsync(NameServer server, LookupClient client, string name, QueryType type, CancellationToken cancellation)
    {
        try
        {
            var response = await client.QueryAsync(name, type, QueryClass.IN, cancellation);
            return Read(response, server, name, type);
        }
        // Garbage makes the library throw nearly anything; one odd answer must not end the discovery.
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            var cause = e is DnsResponseException { Code: DnsResponseCode.ConnectionTimeout } ? "no answer" : (e.InnerException ?? e).Message;
            return DnsAnswer.Failure($"{type} {name} at {server}: {cause}");
        }
    }

    private static DnsAnswer Read(IDnsQueryResponse response, NameServer server, string name, QueryType type)
    {
        var negative = DnsAnswer.NegativeTtlOf(response.Authorities);
        return response.Header.ResponseCode switch
        {
            DnsHeaderResponseCode.NoError => new DnsAnswer(LookupOutcome.Found, response.Answers, response.Additionals, negative, null),
            DnsHeaderResponseCode.NotExistentDomain => new DnsAnswer(LookupOutcome.NameUnknown, [], [], negative, $"{server} knows no name {name} (NXDOMAIN)"),
            var code => DnsAnswer.Failure($"{type} {name} at {server}: {code}"),
        };
    }

    private List<(NameServer Server, LookupClient Client)> Servers()
    {
        if (_servers is { Count: > 0 } known) return known;
        var servers = options.NameServers.Count > 0
            ? options.NameServers.Select(text => IPEndPoint.Parse(text)).Select(address => new NameServer(address.Address, address.Port == 0 ? DnsPort : address.Port))
            // Public servers know no private zone: asking them would turn "no resolver" into "no such name".
            : NameServer.ResolveNameServers(skipIPv6SiteLocal: true, fallbackToGooglePublicDns: false);
        return _servers = [.. servers.Select(server => (server, Client(server)))];
    }

    // One server each and no cache of its own: order, TTLs and failures are decided here, not in the library.
    private LookupClient Client(NameServer server) => new(new LookupClientOptions(server)
    {
        UseCache = false,
        UseTcpFallback = true,
        ThrowDnsErrors = false,
        ContinueOnDnsError = false,
        ContinueOnEmptyResponse = false,
        Retries = 1,
        Timeout = options.QueryDeadline / 2,
        ExtendedDnsBufferSize = LargestDatagram,
    });
}
