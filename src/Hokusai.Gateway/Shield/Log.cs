using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Shield;

/// <summary>Log messages of the replay shield: event ids 2250 to 2299.</summary>
internal static partial class Log
{
    [LoggerMessage(2250, LogLevel.Information, "The answer to the create {RequestId} did not reach its client; it is kept for the client's re-send", EventName = "OutcomeOwed")]
    public static partial void OutcomeOwed(ILogger logger, string requestId);

    [LoggerMessage(2251, LogLevel.Information, "The create {RequestId} is a re-send of {FirstRequestId} and gets its outcome", EventName = "OutcomeReplayed")]
    public static partial void OutcomeReplayed(ILogger logger, string requestId, string firstRequestId);

    [LoggerMessage(2252, LogLevel.Warning, "The create {RequestId} waited {Seconds:0.0} s for the outcome of an equal one that lost its client, which is still in flight", EventName = "OutcomeStillOut")]
    public static partial void OutcomeStillOut(ILogger logger, string requestId, double seconds);

    [LoggerMessage(2253, LogLevel.Warning, "MLflow processed the create {RequestId}, but its answer was lost", EventName = "OutcomeLost")]
    public static partial void OutcomeLost(ILogger logger, string requestId);

    [LoggerMessage(2254, LogLevel.Warning, "Too many undelivered outcomes: the one of {RequestId} is forgotten", EventName = "OutcomeEvicted")]
    public static partial void OutcomeEvicted(ILogger logger, string requestId);

    [LoggerMessage(2260, LogLevel.Warning, "Redis is away ({Reason}): until it is back, re-sends are recognised only by the gateway that had the first", EventName = "ShieldAlone")]
    public static partial void ShieldAlone(ILogger logger, string reason);

    [LoggerMessage(2261, LogLevel.Information, "Redis is back: the gateways recognise each other's re-sends again", EventName = "ShieldShared")]
    public static partial void ShieldShared(ILogger logger);
}
