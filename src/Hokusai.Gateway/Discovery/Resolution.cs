using System.Net;
using System.Net.Sockets;

namespace Hokusai.Gateway.Discovery;

/// <summary>What one resolution of the upstream's name brought.</summary>
/// <param name="Outcome">Whether there are addresses, and if not, why.</param>
/// <param name="Addresses">The addresses in a stable order.</param>
/// <param name="Ttl">How long the records say they hold; for a negative answer what the zone's SOA says; null if nothing was said.</param>
/// <param name="Error">Why something is missing; null if nothing is.</param>
internal sealed record Resolution(LookupOutcome Outcome, IReadOnlyList<IPEndPoint> Addresses, TimeSpan? Ttl, string? Error)
{
    /// <summary>How many of the first addresses have the best priority.</summary>
    public int Preferred { get; init; } = Addresses.Count;

    /// <summary>Whether a part of the questions was not answered, so that addresses may be missing.</summary>
    public bool Partial { get; init; }

    /// <summary>The address family whose question was not answered, if it was only that.</summary>
    public AddressFamily? Unanswered { get; init; }

    public static Resolution None(LookupOutcome outcome, TimeSpan? ttl, string error) => new(outcome, [], ttl, error);
}

/// <summary>How a question ended.</summary>
internal enum LookupOutcome
{
    /// <summary>With what was asked for.</summary>
    Found,

    /// <summary>The name exists, but has no such record.</summary>
    Empty,

    /// <summary>There is no such name (NXDOMAIN).</summary>
    NameUnknown,

    /// <summary>Without a usable answer: silence, refusal, SERVFAIL, garbage.</summary>
    Failed,
}
