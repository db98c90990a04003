namespace Hokusai.Gateway.Resilience;

/// <summary>How an attempt failed, by what the upstream can have seen of it.</summary>
internal enum AttemptEnd
{
    /// <summary>No connection came about: refused, unreachable, or its deadline over.</summary>
    NotConnected,

    /// <summary>The connection ended before any byte of the request was written to it.</summary>
    ClosedUnwritten,

    /// <summary>
    /// Bytes were written, and the connection ended before any byte of an answer. Also the pooled connection that the server closed
    /// just then: most likely it read nothing, but from here that looks the same as a server that died at work.
    /// </summary>
    ResetBeforeAnswer,

    /// <summary>Bytes were written, and no answer came within the attempt's deadline.</summary>
    NoAnswerInTime,

    /// <summary>An answer with a status that tells of a failure.</summary>
    FailureStatus,

    /// <summary>The answer broke off after its first byte.</summary>
    BrokeOffInAnswer,
}

/// <summary>What is known of an attempt that failed.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Status">The upstream's status, with <see cref="AttemptEnd.FailureStatus"/>.</param>
/// <param name="RetryAfter">The wait that the upstream asked for.</param>
internal readonly record struct FailedAttempt(AttemptEnd End, int Status = 0, TimeSpan? RetryAfter = null)
{
    /// <summary>Whether nothing of it can have reached the upstream.</summary>
    public bool IsUnsent => End is AttemptEnd.NotConnected or AttemptEnd.ClosedUnwritten;
}

/// <summary>What a retry may use.</summary>
/// <param name="RetriesDone">Retries of this request so far.</param>
/// <param name="CanReplayBody">Whether the body can be sent again: there is none, it was kept, or none of it was read.</param>
/// <param name="Left">What is left of the total deadline.</param>
internal readonly record struct RetryMeans(int RetriesDone, bool CanReplayBody, TimeSpan Left);

/// <summary>Whether to send again, and why or why not, for logs and <c>hokusai why</c>.</summary>
internal readonly record struct RetryDecision(bool Retry, string Reason);
