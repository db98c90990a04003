using System.Net;

namespace Hokusai.Gateway.Discovery;

/// <summary>Makes the next snapshot of the last one and of what a resolution brought: what is kept, for how long it is believed, and when to ask again.</summary>
internal sealed class AddressHistory(DiscoveryOptions options)
{
    private DateTimeOffset? _failingSince;
    private DateTimeOffset _completeAt;
    private int _failuresInARow;

    /// <summary>The next snapshot, and how long to wait before the name is resolved again.</summary>
    public (AddressSnapshot Snapshot, TimeSpan Wait) Next(AddressSnapshot last, Resolution found, DateTimeOffset now)
    {
        if (found.Outcome == LookupOutcome.Found) return Renew(last, found, now);
        _failingSince ??= now;
        _failuresInARow++;
        var wait = found.Outcome == LookupOutcome.Failed ? PauseAfterFailure() : Clamp(found.Ttl ?? options.NegativeTtl, options.LeastTtl, options.NegativeTtl);
        // An empty answer is kept apart from nothing known: Cloud Map answers empty or NXDOMAIN in the moment between two deployments.
        if (last.Addresses.Count > 0 && now - _failingSince < options.StaleLifetime)
            return (last with { Ttl = wait, State = ResolutionState.Stale, LastError = found.Error }, wait);
        return (new AddressSnapshot([], now, wait, StateOf(found.Outcome), found.Error), wait);
    }

    private (AddressSnapshot Snapshot, TimeSpan Wait) Renew(AddressSnapshot last, Resolution found, DateTimeOffset now)
    {
        _failingSince = null;
        _failuresInARow = 0;
        if (!found.Partial) _completeAt = now;
        var addresses = WithUnanswered(last, found, now);
        var ttl = Clamp(found.Ttl ?? options.LeastTtl, options.LeastTtl, options.MostTtl);
        // What is missing may be back soon.
        if (found.Partial) ttl = Clamp(ttl, options.LeastTtl, options.NegativeTtl);
        // The same list again, so that whoever holds it sees at a glance that nothing changed.
        if (addresses.SequenceEqual(last.Addresses)) addresses = last.Addresses;
        var preferred = found.Unanswered is null ? found.Preferred : addresses.Count;
        // A little early, so that the new answer is there before the old one ends and no request waits for DNS.
        return (new AddressSnapshot(addresses, now, ttl, ResolutionState.Good, found.Error) { Preferred = preferred }, ttl * 0.9);
    }

    // One lost AAAA datagram must not take half of the tasks away: a family that was not answered keeps its last addresses.
    private IReadOnlyList<IPEndPoint> WithUnanswered(AddressSnapshot last, Resolution found, DateTimeOffset now)
    {
        if (found.Unanswered is not { } family || now - _completeAt >= options.StaleLifetime) return found.Addresses;
        var kept = last.Addresses.Where(address => address.AddressFamily == family);
        return [.. found.Addresses.Concat(kept).OrderBy(address => address.AddressFamily)];
    }

    private TimeSpan PauseAfterFailure() => Clamp(options.LeastTtl * Math.Pow(2, Math.Min(_failuresInARow - 1, 10)), options.LeastTtl, options.NegativeTtl);

    // The upper bound wins: nothing is remembered for longer than that, even where the lower one was set above it.
    private static TimeSpan Clamp(TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least) value = least;
        return value > most ? most : value;
    }

    private static ResolutionState StateOf(LookupOutcome outcome) => outcome switch
    {
        LookupOutcome.Empty => ResolutionState.Empty,
        LookupOutcome.NameUnknown => ResolutionState.NameUnknown,
        _ => ResolutionState.Failed,
    };
}
