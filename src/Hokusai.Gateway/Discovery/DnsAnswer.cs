using DnsClient;
using DnsClient.Protocol;

namespace Hokusai.Gateway.Discovery;

/// <summary>Asks DNS one question. The only place where the network is, so tests put their own answers here.</summary>
internal delegate Task<DnsAnswer> AskDns(string name, QueryType type, CancellationToken cancellation);

/// <summary>What a DNS server said to one question, before anything is made of it.</summary>
/// <param name="Outcome"><see cref="LookupOutcome.Found"/> for any answer without an error, even an empty one.</param>
/// <param name="Answers">The answer section.</param>
/// <param name="Additionals">The additional section: for SRV often the targets' addresses.</param>
/// <param name="NegativeTtl">How long the zone wants a negative answer remembered; null if it does not say.</param>
/// <param name="Error">What went wrong; null if nothing did.</param>
internal sealed record DnsAnswer(
    LookupOutcome Outcome, IReadOnlyList<DnsResourceRecord> Answers, IReadOnlyList<DnsResourceRecord> Additionals, TimeSpan? NegativeTtl, string? Error)
{
    public static DnsAnswer Failure(string error) => new(LookupOutcome.Failed, [], [], null, error);

    /// <summary>A record's TTL as it came. A TTL with the top bit set counts as zero (RFC 2181, 8).</summary>
    public static TimeSpan TtlOf(DnsResourceRecord record) => TimeSpan.FromSeconds(Math.Max(0, record.InitialTimeToLive));

    /// <summary>How long a negative answer holds: the lesser of the SOA's own TTL and its last field (RFC 2308, 5).</summary>
    public static TimeSpan? NegativeTtlOf(IEnumerable<DnsResourceRecord> authorities) =>
        authorities.OfType<SoaRecord>().Select(soa => (TimeSpan?)TimeSpan.FromSeconds(Math.Min(Math.Max(0, soa.InitialTimeToLive), soa.Minimum))).FirstOrDefault();

    /// <summary>Follows the aliases inside the answer from a name to where they end.</summary>
    /// <returns>The last name, its records of a type, and the least TTL on the way.</returns>
    public (string Name, IReadOnlyList<T> Records, TimeSpan? Ttl) Follow<T>(string name)
        where T : DnsResourceRecord
    {
        TimeSpan? ttl = null;
        // A chain can't be longer than the answer, unless it runs in a circle.
        for (var step = 0; step <= Answers.Count; step++)
        {
            var records = Answers.OfType<T>().Where(record => IsSame(record.DomainName, name)).ToList();
            foreach (var record in records) ttl = Lesser(ttl, TtlOf(record));
            if (records.Count > 0 || Answers.OfType<CNameRecord>().FirstOrDefault(alias => IsSame(alias.DomainName, name)) is not { } alias) return (name, records, ttl);
            ttl = Lesser(ttl, TtlOf(alias));
            name = alias.CanonicalName.Value;
        }
        return (name, [], ttl);
    }

    public static bool IsSame(string one, string other) => one.AsSpan().TrimEnd('.').Equals(other.AsSpan().TrimEnd('.'), StringComparison.OrdinalIgnoreCase);

    public static TimeSpan? Lesser(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;
}
