using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;

namespace Hokusai.Gateway.Discovery;

/// <summary>Looks up a name's IPv4 and IPv6 addresses at once.</summary>
internal sealed class AddressLookup(AskDns ask, TimeProvider time)
{
    private const int MostAliases = 8;

    // How long the slower family is waited for once the other has addresses (RFC 8305 names 50 ms): some servers drop AAAA questions.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    /// <summary>The addresses of a name, each with the port.</summary>
    public async Task<Resolution> LookAsync(string name, int port, CancellationToken cancellation)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var four = FamilyAsync<ARecord>(name, QueryType.A, port, enough.Token);
        var six = FamilyAsync<AaaaRecord>(name, QueryType.AAAA, port, enough.Token);
        var first = await Task.WhenAny(four, six);
        var other = first == four ? six : four;
        if ((await first).Outcome == LookupOutcome.Found)
            await ((Task)other).WaitAsync(Patience, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        else
            await other;
        cancellation.ThrowIfCancellationRequested();
        var late = other.IsCompleted ? null : Resolution.None(LookupOutcome.Failed, null, $"{(other == six ? "AAAA" : "A")} {name}: no answer yet");
        // A question that nobody waits for any more is given up; its end is looked at, so that it does not count as unobserved.
        await enough.CancelAsync();
        _ = other.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return Join(late is not null && other == four ? late : await four, late is not null && other == six ? late : await six);
    }

    /// <summary>One answer out of both families' answers.</summary>
    internal static Resolution Join(Resolution four, Resolution six)
    {
        var found = four.Outcome == LookupOutcome.Found || six.Outcome == LookupOutcome.Found;
        var ttl = (four.Outcome, six.Outcome) switch
        {
            (LookupOutcome.Found, not LookupOutcome.Found) => four.Ttl,
            (not LookupOutcome.Found, LookupOutcome.Found) => six.Ttl,
            _ => DnsAnswer.Lesser(four.Ttl, six.Ttl),
        };
        if (!found) return Resolution.None(WhyNone(four.Outcome, six.Outcome), ttl, four.Error == six.Error ? four.Error! : $"{four.Error}; {six.Error}");
        AddressFamily? unanswered = four.Outcome == LookupOutcome.Failed ? AddressFamily.InterNetwork : six.Outcome == LookupOutcome.Failed ? AddressFamily.InterNetworkV6 : null;
        return new Resolution(LookupOutcome.Found, [.. four.Addresses, .. six.Addresses], ttl, unanswered is null ? null : four.Error ?? six.Error)
        {
            Partial = unanswered is not null,
            Unanswered = unanswered,
        };
    }

    // NXDOMAIN speaks for the whole name, so it outweighs silence. A server that says NXDOMAIN for one type and "nothing" for
    // the other contradicts itself; the name exists then. "Nothing" and silence is silence: the other half may hold addresses.
    private static LookupOutcome WhyNone(LookupOutcome one, LookupOutcome other) => (one, other) switch
    {
        (LookupOutcome.NameUnknown, LookupOutcome.NameUnknown or LookupOutcome.Failed) or (LookupOutcome.Failed, LookupOutcome.NameUnknown) => LookupOutcome.NameUnknown,
        (LookupOutcome.Failed, _) or (_, LookupOutcome.Failed) => LookupOutcome.Failed,
        _ => LookupOutcome.Empty,
    };

    private async Task<Resolution> FamilyAsync<T>(string name, QueryType type, int port, CancellationToken cancellation)
        where T : AddressRecord
    {
        TimeSpan? ttl = null;
        var at = name;
        for (var alias = 0; alias < MostAliases; alias++)
        {
            var answer = await ask(at, type, cancellation);
            if (answer.Outcome != LookupOutcome.Found) return Resolution.None(answer.Outcome, answer.NegativeTtl, answer.Error!);
            var (last, records, least) = answer.Follow<T>(at);
            ttl = DnsAnswer.Lesser(ttl, least);
            if (records.Count > 0) return new Resolution(LookupOutcome.Found, Sorted(records.Select(record => record.Address), port), ttl, null);
            // An alias without its target's records, but without an SOA either: the server leaves the rest to us.
            if (DnsAnswer.IsSame(last, at) || answer.NegativeTtl is not null) return Resolution.None(LookupOutcome.Empty, answer.NegativeTtl, $"{name} has no {type} record");
            at = last;
        }
        return Resolution.None(LookupOutcome.Failed, null, $"{type} {name}: more than {MostAliases} aliases, or aliases in a circle");
    }

    /// <summary>In an order that does not depend on the answer's: servers rotate it, and nothing changed then.</summary>
    internal static IReadOnlyList<IPEndPoint> Sorted(IEnumerable<IPAddress> addresses, int port) =>
        [.. addresses.Distinct().OrderBy(address => address.AddressFamily).ThenBy(address => Convert.ToHexString(address.GetAddressBytes()), StringComparer.Ordinal).Select(address => new IPEndPoint(address, port))];
}
