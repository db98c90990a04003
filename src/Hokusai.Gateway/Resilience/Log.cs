using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Resilience;

/// <summary>Log messages of retries and breakers: event ids 2200 to 2249.</summary>
internal static partial class Log
{
    [LoggerMessage(2200, LogLevel.Warning, "The breaker {Breaker} is open for {Seconds:0.0} s: {Reason}", EventName = "BreakerOpened")]
    public static partial void BreakerOpened(ILogger logger, string breaker, double seconds, string reason);

    [LoggerMessage(2201, LogLevel.Information, "The breaker {Breaker} lets one call through to see whether it is over", EventName = "BreakerProbing")]
    public static partial void BreakerProbing(ILogger logger, string breaker);

    [LoggerMessage(2202, LogLevel.Information, "The breaker {Breaker} is closed again after {Seconds:0.0} s", EventName = "BreakerClosed")]
    public static partial void BreakerClosed(ILogger logger, string breaker, double seconds);
}
