using System.Globalization;
using Hokusai.Gateway.Forwarding;

namespace Hokusai.Gateway.Telemetry.Journal;

/// <summary>What happened to a request, in order and in words.</summary>
internal static class RequestStory
{
    /// <summary>The events with their time after the request's arrival.</summary>
    public static IEnumerable<(TimeSpan At, string Text)> Of(JournalEntry entry)
    {
        yield return (TimeSpan.Zero, $"{entry.Method} {entry.Path} came from {Or(entry.ClientIp, "an unknown address")}{(entry.Class is null ? ", which is no endpoint of the catalogue" : "")}");
        if (Credential(entry) is { } credential) yield return (entry.AuthTook, credential);
        if (entry.ReplayedFrom is not null) yield return (entry.AuthTook, $"the same request had been sent before: it got the outcome of {entry.ReplayedFrom}");
        for (var i = 0; i < entry.Attempts.Length; i++)
        {
            var attempt = entry.Attempts[i];
            yield return (attempt.StartedAfter, Beginning(attempt, i + 1));
            yield return (attempt.StartedAfter + attempt.Took, End(attempt, i + 1));
        }
        if (entry.Attempts.Length > 0 && !entry.Breakers.AllClosed) yield return (entry.Took, $"circuit breakers stood at: {Words(entry.Breakers)}");
        yield return (entry.Took, Outcome(entry));
    }

    /// <summary>The breakers' states in words.</summary>
    public static string Words(BreakerStates states) =>
        $"metadata {BreakerStates.Word(states.Metadata)}, artifacts {BreakerStates.Word(states.Artifacts)}, auth {BreakerStates.Word(states.Auth)}";

    /// <summary>Why it went wrong and what would help; null if it did not.</summary>
    public static (string Cause, string Hint)? Cause(JournalEntry entry)
    {
        if (entry.Failure is { } place)
        {
            var failure = Failures.Of(place);
            return (entry.FailureDetail is null ? failure.Message : $"{failure.Message} {entry.FailureDetail}", failure.Hint);
        }
        return entry.Status >= 500 ? ($"MLflow itself answered {entry.Status}; the gateway passed it on.", "Look at MLflow's log at that time; X-Request-Id went upstream with the request.") : null;
    }

    private static string? Credential(JournalEntry entry)
    {
        if (entry.CredentialPlace.Length == 0) return null;
        if (entry.VerdictSource.Length == 0) return entry.CredentialPlace == "none" ? "no credential was found" : $"what was found in {entry.CredentialPlace} was not asked about";
        var who = entry.KeyId is null ? "the key" : $"key {entry.KeyId}";
        return $"{who} was found in {entry.CredentialPlace}; {Source(entry.VerdictSource)} took {Ms(entry.AuthTook)}";
    }

    private static string Source(string source) => source switch
    {
        "cached" => "the remembered verdict",
        "stale" => "the auth service was away: the last good verdict",
        _ => "the auth service's verdict",
    };

    private static string Beginning(Attempt attempt, int number)
    {
        var why = attempt.RetryReason is null ? "" : $" because of {attempt.RetryReason}";
        var connection = attempt.ReusedConnection ? " over a pooled connection" : attempt.Connected is { } took ? $" over a new connection (opened in {Ms(took)})" : "";
        return $"attempt {number}{why}: {attempt.Address ?? "no address"}{connection}";
    }

    private static string End(Attempt attempt, int number)
    {
        var firstByte = attempt.FirstByte is { } after ? $", first byte after {Ms(after)}" : "";
        if (attempt.Failure is { } place) return $"attempt {number} failed after {Ms(attempt.Took)} at {place}{firstByte}";
        return $"attempt {number} was answered {attempt.Status?.ToString(CultureInfo.InvariantCulture) ?? "nothing"} in {Ms(attempt.Took)}{firstByte}";
    }

    private static string Outcome(JournalEntry entry)
    {
        var bytes = string.Create(CultureInfo.InvariantCulture, $"{entry.BytesIn} bytes in, {entry.BytesOut} bytes out");
        if (entry.Failure == FailurePlace.ClientGone) return $"the client went away before its answer was whole; {bytes}";
        var place = entry.Failure is { } failure ? $" ({Failures.Of(failure).Code}, {failure})" : "";
        return string.Create(CultureInfo.InvariantCulture, $"answered {entry.Status}{place}; {bytes}");
    }

    private static string Ms(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms");

    private static string Or(string text, string otherwise) => text.Length == 0 ? otherwise : text;
}
