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

    [LoggerMessage(4005, LogLevel.Warning, "{Method} {Path}: the artifact store failed: {Message}", EventName = "TrackingArtifactStoreUnavailable")]
    public static partial void ArtifactStoreUnavailable(ILogger logger, string method, string path, string message);

    [LoggerMessage(4006, LogLevel.Error, "The artifact store refuses, which is logged once: {Message}", EventName = "TrackingArtifactStoreRefused")]
    public static partial void ArtifactStoreRefused(ILogger logger, string message);

    [LoggerMessage(4007, LogLevel.Warning, "Parts of the upload of {Key} may be left in the bucket {Bucket}; a lifecycle rule AbortIncompleteMultipartUpload removes them: {Message}", EventName = "TrackingUploadNotAborted")]
    public static partial void UploadNotAborted(ILogger logger, string key, string bucket, string message);
}
