using System.Net;
using System.Net.Sockets;

namespace Hokusai.Gateway.Discovery;

/// <summary>How the gateway finds the addresses behind the upstream's name.</summary>
public sealed record DiscoveryOptions
{
    // RFC 1918, RFC 6598 (carrier-grade NAT, which some VPCs and Kubernetes networks use) and link-local.
    private static readonly IPNetwork[] PrivateNetworks =
        [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("169.254.0.0/16")];

    /// <summary>Where addresses come from.</summary>
    /// <value>Default <see cref="DiscoveryMode.Auto"/>.</value>
    public DiscoveryMode Mode { get; init; }

    /// <summary>The upstream's addresses, when they are not looked up.</summary>
    /// <value><c>IP:PORT</c> each; default none. Private ones need <see cref="AllowAddressLiteral"/>.</value>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Which records hold the upstream's addresses.</summary>
    /// <value>Default <see cref="DnsRecord.Address"/>.</value>
    public DnsRecord Record { get; init; }

    /// <summary>The DNS servers to ask, in this order.</summary>
    /// <value><c>IP</c> or <c>IP:PORT</c> each; default those of the system (resolv.conf).</value>
    public IReadOnlyList<string> NameServers { get; init; } = [];

    /// <summary>How long an answer is used at least, whatever its TTL says.</summary>
    /// <value>250 ms to 1 min, default 1 s.</value>
    public TimeSpan LeastTtl { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer is used at most, whatever its TTL says.</summary>
    /// <value>1 s to 1 h, default 60 s; not below <see cref="LeastTtl"/>.</value>
    public TimeSpan MostTtl { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long "there is no such name" or "it has no address" is believed at most. A zone's own SOA may say less, and often says far more (Cloud Map: 300 s).</summary>
    /// <value>250 ms to 5 min, default 5 s.</value>
    public TimeSpan NegativeTtl { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the last good answer is kept while DNS fails, counted from the first failure.</summary>
    /// <value>0 to 7 days, default 1 h.</value>
    public TimeSpan StaleLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Deadline of a question to one DNS server. The question is sent again half-way, since datagrams get lost.</summary>
    /// <value>100 ms to 10 s, default 1 s.</value>
    public TimeSpan QueryDeadline { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a request waits for an address while none is known.</summary>
    /// <value>100 ms to 30 s, default 2 s.</value>
    public TimeSpan FirstDeadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether <see cref="Addresses"/> may hold private addresses. They die with the next deployment, so they are refused unless asked for.</summary>
    /// <value>Default false; loopback addresses are always allowed.</value>
    public bool AllowAddressLiteral { get; init; }

    /// <summary>All faults at once, each with setting, value and remedy.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        CheckSources(faults);
        OptionRange.Check(faults, "leastDnsTtl", LeastTtl, TimeSpan.FromMilliseconds(250), TimeSpan.FromMinutes(1));
        OptionRange.Check(faults, "mostDnsTtl", MostTtl, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        OptionRange.Check(faults, "negativeDnsTtl", NegativeTtl, TimeSpan.FromMilliseconds(250), TimeSpan.FromMinutes(5));
        OptionRange.Check(faults, "staleAddressLifetime", StaleLifetime, TimeSpan.Zero, TimeSpan.FromDays(7));
        OptionRange.Check(faults, "dnsQueryDeadline", QueryDeadline, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));
        OptionRange.Check(faults, "firstResolutionDeadline", FirstDeadline, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
        OptionRange.CheckNotLonger(faults, "leastDnsTtl", LeastTtl, "mostDnsTtl", MostTtl);
        OptionRange.CheckNotLonger(faults, "dnsQueryDeadline", QueryDeadline, "firstResolutionDeadline", FirstDeadline);
        return faults;
    }

    /// <summary>Whether an address belongs to a private network, where a task's address ends with the task.</summary>
    internal static bool IsPrivate(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address)) return false;
        if (address.AddressFamily == AddressFamily.InterNetworkV6) return address.IsIPv6LinkLocal || address.IsIPv6SiteLocal || address.IsIPv6UniqueLocal;
        return PrivateNetworks.Any(network => network.Contains(address));
    }

    private void CheckSources(List<string> faults)
    {
        if (!Enum.IsDefined(Mode)) faults.Add($"gateway discoveryMode '{Mode}': must be auto, static or dns");
        if (!Enum.IsDefined(Record)) faults.Add($"gateway dnsRecord '{Record}': must be address or service");
        if (Mode == DiscoveryMode.Static && Addresses.Count == 0) faults.Add($"gateway discoveryMode 'static': needs upstreamAddresses; list them as IP:PORT, or set it to auto");
        if (Mode == DiscoveryMode.Dns && Addresses.Count > 0) faults.Add($"gateway discoveryMode 'dns' and upstreamAddresses '{string.Join(", ", Addresses)}': only one of them can hold; take the addresses out, or set discoveryMode to static");
        foreach (var text in Addresses)
        {
            if (!IPEndPoint.TryParse(text, out var address) || address.Port == 0)
                faults.Add($"gateway upstreamAddresses '{text}': is no address with a port; write 127.0.0.1:5000 or [::1]:5000");
            else if (!AllowAddressLiteral && IsPrivate(address.Address))
                faults.Add($"gateway upstreamAddresses '{text}': is a private address, which dies with the next deployment; use the service's name, or set allowAddressLiteral");
        }
        foreach (var text in NameServers.Where(text => !IPEndPoint.TryParse(text, out _)))
            faults.Add($"gateway nameServers '{text}': is no address; write 10.0.0.2 or 10.0.0.2:53");
    }
}

/// <summary>Where the upstream's addresses come from.</summary>
public enum DiscoveryMode
{
    /// <summary>From the list if there is one, else from the upstream's own address, else from DNS; names without a dot, <c>localhost</c> and names that DNS never knew come from the system (/etc/hosts).</summary>
    Auto,

    /// <summary>From the list.</summary>
    Static,

    /// <summary>From DNS alone, never from the system's own resolver.</summary>
    Dns,
}

/// <summary>Which records hold the upstream's addresses.</summary>
public enum DnsRecord
{
    /// <summary>A and AAAA; the port is the upstream's.</summary>
    Address,

    /// <summary>SRV; the port is the record's.</summary>
    Service,
}
