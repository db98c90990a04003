using Hokusai.Gateway.Forwarding;

namespace Hokusai.Gateway.Telemetry;

/// <summary>One attempt at the upstream.</summary>
/// <param name="Address">Address and port that were connected to; null if there was none.</param>
/// <param name="ReusedConnection">Whether the request went over a connection from the pool.</param>
/// <param name="StartedAfter">When it began, counted from the request's arrival.</param>
/// <param name="Connected">How long opening the connection took; null over a reused one and where none was opened.</param>
/// <param name="FirstByte">From the attempt's beginning to the answer's first byte; null without an answer.</param>
/// <param name="Took">The whole attempt.</param>
/// <param name="Status">Status of the answer, if there was one.</param>
/// <param name="Failure">Where it failed, if it did.</param>
/// <param name="RetryReason">Why this attempt was made after another one, in one or two constant words (a metric's tag); null for the first.</param>
internal readonly record struct Attempt(
    string? Address,
    bool ReusedConnection,
    TimeSpan StartedAfter,
    TimeSpan? Connected,
    TimeSpan? FirstByte,
    TimeSpan Took,
    int? Status,
    FailurePlace? Failure,
    string? RetryReason);
