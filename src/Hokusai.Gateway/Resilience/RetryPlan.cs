using Hokusai.Gateway.Catalogue;

namespace Hokusai.Gateway.Resilience;

/// <summary>
/// Decides whether a failed attempt is followed by another. Pure: the budget is asked after it, and last, because it is taken by asking.
/// </summary>
/// <remarks>
/// 1. What rules a retry out whatever failed: retries used up, body gone, no time left, a wait asked for that is longer than the time left.
/// 2. Provably not processed: any class may be sent again (RFC 9110 §9.2.2).
/// 3. Otherwise by class.
/// </remarks>
internal static class RetryPlan
{
    /// <summary>The decision.</summary>
    public static RetryDecision Decide(RetryOptions options, RetryClass kind, FailedAttempt failed, RetryMeans means)
    {
        // 1.
        if (means.RetriesDone >= options.MostRetries) return No($"{means.RetriesDone} of {options.MostRetries} retries are used up");
        if (!means.CanReplayBody) return No("the body was not kept");
        if (means.Left <= TimeSpan.Zero) return No("the deadline is over");
        if (failed.RetryAfter >= means.Left) return No("the upstream asks for a wait longer than the time left");
        // 2.
        if (failed.End == AttemptEnd.NotConnected) return Yes("nothing was sent: there was no connection");
        if (failed.End == AttemptEnd.ClosedUnwritten) return Yes("nothing was sent: the connection had ended");
        // 3.
        return kind switch
        {
            RetryClass.Safe => DecideSafe(failed),
            RetryClass.IdempotentWrite => DecideIdempotentWrite(failed, means),
            _ => No("it may have been processed, and a second time would make a second one"),
        };
    }

    private static RetryDecision DecideSafe(FailedAttempt failed) => failed.End switch
    {
        AttemptEnd.ResetBeforeAnswer => Yes("the connection ended before the answer, and the request changes nothing"),
        AttemptEnd.NoAnswerInTime => Yes("no answer in time, and the request changes nothing"),
        AttemptEnd.FailureStatus when failed.Status is 502 or 503 or 504 => Yes($"the upstream answered {failed.Status}, and the request changes nothing"),
        AttemptEnd.FailureStatus => No($"the upstream answered {failed.Status}, which another try would not change"),
        _ => No("the answer had begun"),
    };

    // Not after a slow attempt: the first one may still be at work, and then two would change the same thing at once.
    private static RetryDecision DecideIdempotentWrite(FailedAttempt failed, RetryMeans means) => failed.End switch
    {
        AttemptEnd.ResetBeforeAnswer when means.RetriesDone == 0 => Yes("the connection ended before the answer, and a second time changes nothing more"),
        AttemptEnd.ResetBeforeAnswer => No("a write is sent again once, not twice"),
        AttemptEnd.NoAnswerInTime => No("the first may still be at work"),
        AttemptEnd.FailureStatus => No($"the upstream answered {failed.Status} to a write"),
        _ => No("the answer had begun"),
    };

    private static RetryDecision Yes(string reason) => new(true, reason);

    private static RetryDecision No(string reason) => new(false, reason);
}
