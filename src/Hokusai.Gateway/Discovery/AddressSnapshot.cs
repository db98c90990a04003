using System.Net;

namespace Hokusai.Gateway.Discovery;

/// <summary>What is known of the upstream's addresses at one moment; immutable, replaced as a whole.</summary>
/// <param name="Addresses">Where to connect to, in a stable order: an answer that differs in nothing but order gives the very same list.</param>
/// <param name="ResolvedAt">When the addresses were last confirmed; while there were never any, when that was found out.</param>
/// <param name="Ttl">How long this is believed: the addresses' lifetime, or the time to the next question after a failure.</param>
/// <param name="State">How the addresses were come by.</param>
/// <param name="LastError">Why the last question failed; null when it did not.</param>
internal sealed record AddressSnapshot(IReadOnlyList<IPEndPoint> Addresses, DateTimeOffset ResolvedAt, TimeSpan Ttl, ResolutionState State, string? LastError)
{
    /// <summary>How many of the first addresses are to be used while one of them works. The others are spares: SRV records of lower priority (RFC 2782).</summary>
    public int Preferred { get; init; } = Addresses.Count;

    /// <summary>Since when <see cref="State"/> is what it is.</summary>
    public DateTimeOffset Since { get; init; } = ResolvedAt;

    /// <summary>How long ago the addresses were last confirmed.</summary>
    public TimeSpan AgeAt(DateTimeOffset now) => now - ResolvedAt;
}

/// <summary>How the addresses of a snapshot were come by.</summary>
internal enum ResolutionState
{
    /// <summary>Nothing was answered yet.</summary>
    Pending,

    /// <summary>From a good answer.</summary>
    Good,

    /// <summary>From the last good answer, kept while DNS fails.</summary>
    Stale,

    /// <summary>None: the name exists and has no address.</summary>
    Empty,

    /// <summary>None: there is no such name.</summary>
    NameUnknown,

    /// <summary>None: DNS gave no usable answer.</summary>
    Failed,
}
