using Hokusai.Gateway.Forwarding;

namespace Hokusai.Gateway.Limits;

/// <summary>
/// Failed attempts of a client address, against guessing and against floods of the auth service.
/// </summary>
/// <remarks>
/// Behind one address may stand an office, so only what can't be answered from memory is limited. A key whose good verdict is remembered, outlived
/// or not, is served whatever the address did. A refusal that is remembered is given again and not counted: who sends the same wrong
/// key all day guesses nothing and counts once each time the auth service had to be asked, which is less often than the bucket fills.
/// Checked is before the auth service is asked, counted is after it refused: several at once may come through together, and what they took too much
/// is owed. Nobody is counted before the verdict, or many good keys at once would use up the bucket while their verdicts are awaited.
/// </remarks>
internal sealed class FailedAttempts(SharedBuckets buckets, LimitOptions options, LimitCounts counts, Func<double> chance)
{
    private readonly RatePlan? _plan = RatePlan.OfAddress(options);

    /// <summary>Whether a refusal counts. An outage is nobody's fault, and a key without a scope is a good one.</summary>
    public static bool Counts(FailurePlace place) =>
        place is FailurePlace.CredentialMalformed or FailurePlace.CredentialInQuery or FailurePlace.KeyUnknown or FailurePlace.KeyRevoked or FailurePlace.KeyExpired;

    /// <summary>Says no to an address that failed too often, before a key that nobody here knows is asked about.</summary>
    public ValueTask<(FailurePlace Place, string? Detail)?> CheckAsync(Exchange exchange) => DrawAsync(exchange, Draw.Look);

    /// <summary>Counts a refusal that needed nobody's answer, or says no to an address that failed too often.</summary>
    public ValueTask<(FailurePlace Place, string? Detail)?> TakeAsync(Exchange exchange, FailurePlace place) => Counts(place) ? DrawAsync(exchange, Draw.Take) : default;

    /// <summary>Counts a refusal of the auth service.</summary>
    public async ValueTask ChargeAsync(Exchange exchange, FailurePlace place)
    {
        if (_plan is { } plan && Counts(place)) await buckets.DrawAsync(Draw.Charge, AddressGroup.Of(exchange.ClientIp), plan);
    }

    private async ValueTask<(FailurePlace, string?)?> DrawAsync(Exchange exchange, Draw draw)
    {
        if (_plan is not { } plan) return null;
        var address = AddressGroup.Of(exchange.ClientIp);
        var allowance = await buckets.DrawAsync(draw, address, plan);
        if (allowance.Allowed)
        {
            counts.Allowed(LimitKind.Address);
            return null;
        }
        counts.Refused(LimitKind.Address);
        exchange.RetryAfter = RetryWait.Seconds(allowance.UntilNext, chance());
        return (FailurePlace.AttemptsExceeded, $"({address}) It may fail {options.FailedAttemptsPerMinute} times a minute. Keys that were good lately are served.");
    }
}
