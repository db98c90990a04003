using Microsoft.Extensions.Logging;

namespace Hokusai.Tracking;

/// <summary>Log messages of the tracking server: event ids 4000 to 4999.</summary>
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Information, "Tracking store {Store}, artifacts {Artifacts}", EventName = "TrackingOpened")]
    public static partial void Opened(ILogger logger, string store, string artifacts);

    [LoggerMessage(4001, LogLevel.Debug, "{Method} {Path} answered {Status} {ErrorCode}: {Message}", EventName = "TrackingRefused")]
    public static partial void Refused(ILogger logger, string method, string path, int status, string errorCode, string message);

    [LoggerMessage(4002, LogLevel.Error, "{Method} {Path} failed", EventName = "TrackingFailed")]
    public static partial void Failed(ILogger logger, Exception error, string method, string path);

    [LoggerMessage(4003, LogLevel.Warning, "Host '{Host}' refused: the server was not started with --allowed-hosts {Host}", EventName = "TrackingHostRefused")]
    public static partial void HostRefused(ILogger logger, string host);

    [LoggerMessage(4004, LogLevel.Warning, "{Method} {Path}: the database did not answer: {Message}", EventName = "TrackingStoreUnavailable")]
    public static partial void StoreUnavailable(ILogger logger, string method, string path, string message);
}
