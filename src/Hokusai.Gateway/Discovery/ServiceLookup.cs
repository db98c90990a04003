using DnsClient;
using DnsClient.Protocol;

namespace Hokusai.Gateway.Discovery;

/// <summary>Looks up a service's SRV records (RFC 2782) and their targets' addresses.</summary>
internal sealed class ServiceLookup(AskDns ask, TimeProvider time)
{
    private readonly AddressLookup _addresses = new(ask, time);

    /// <summary>The addresses of a service, best priority first, in it the greatest weight first.</summary>
    public async Task<Resolution> LookAsync(string name, CancellationToken cancellation)
    {
        var answer = await ask(name, QueryType.SRV, cancellation);
        if (answer.Outcome != LookupOutcome.Found) return Resolution.None(answer.Outcome, answer.NegativeTtl, answer.Error!);
        var (_, records, ttl) = answer.Follow<SrvRecord>(name);
        // "." as the target says that the service is decidedly not offered.
        var offers = records.Where(record => record.Target.Value.Trim('.').Length > 0).ToList();
        if (offers.Count == 0) return Resolution.None(LookupOutcome.Empty, answer.NegativeTtl, records.Count == 0 ? $"{name} has no SRV record" : $"{name} says that the service is not offered");
        var targets = await Task.WhenAll(offers.Select(async offer => (Offer: offer, Found: await TargetAsync(answer, offer, cancellation))));
        return Join(name, targets, ttl);
    }

    private static Resolution Join(string name, IReadOnlyList<(SrvRecord Offer, Resolution Found)> targets, TimeSpan? ttl)
    {
        var good = targets
            .Where(target => target.Found.Outcome == LookupOutcome.Found)
            .OrderBy(target => target.Offer.Priority).ThenByDescending(target => target.Offer.Weight).ThenBy(target => target.Offer.Target.Value, StringComparer.OrdinalIgnoreCase).ThenBy(target => target.Offer.Port)
            .ToList();
        var bad = targets.Select(target => target.Found).Where(found => found.Partial || found.Outcome == LookupOutcome.Failed).ToList();
        foreach (var found in targets.Select(target => target.Found).Where(found => good.Count == 0 || found.Outcome == LookupOutcome.Found)) ttl = DnsAnswer.Lesser(ttl, found.Ttl);
        if (good.Count == 0)
        {
            var errors = string.Join("; ", targets.Select(target => target.Found.Error).Distinct());
            return Resolution.None(bad.Count > 0 ? LookupOutcome.Failed : LookupOutcome.Empty, ttl, $"the targets of {name} have no addresses: {errors}");
        }
        var best = good.Where(target => target.Offer.Priority == good[0].Offer.Priority).SelectMany(target => target.Found.Addresses).Distinct().Count();
        var addresses = good.SelectMany(target => target.Found.Addresses).Distinct().ToList();
        return new Resolution(LookupOutcome.Found, addresses, ttl, bad.Count == 0 ? null : bad[0].Error) { Preferred = best, Partial = bad.Count > 0 };
    }

    // Most servers send the targets' addresses along, which saves a question for each.
    private async Task<Resolution> TargetAsync(DnsAnswer answer, SrvRecord offer, CancellationToken cancellation)
    {
        var sent = answer.Additionals.OfType<AddressRecord>().Where(record => DnsAnswer.IsSame(record.DomainName, offer.Target)).ToList();
        if (sent.Count == 0) return await _addresses.LookAsync(offer.Target, offer.Port, cancellation);
        return new Resolution(LookupOutcome.Found, AddressLookup.Sorted(sent.Select(record => record.Address), offer.Port), sent.Min(DnsAnswer.TtlOf), null);
    }
}
