using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Limits;

/// <summary>Log messages of limits: event ids 2400 to 2449.</summary>
internal static partial class Log
{
    [LoggerMessage(2400, LogLevel.Warning, "Redis is away ({Reason}): until it is back, this gateway limits by what it knows itself", EventName = "LimitsAlone")]
    public static partial void LimitsAlone(ILogger logger, string reason);

    [LoggerMessage(2401, LogLevel.Information, "Redis is back: the gateways share their limits again", EventName = "LimitsShared")]
    public static partial void LimitsShared(ILogger logger);
}
