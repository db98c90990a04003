using Hokusai.Gateway.Forwarding;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway;

/// <summary>Log messages of the gateway: event ids 2000 to 2999.</summary>
internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Information, "{Route} {Status} from {Upstream} in {TotalMs:0.0} ms (auth {AuthMs:0.0}, upstream {UpstreamMs:0.0}) key {KeyId} client {ClientIp} request {RequestId}", EventName = "RequestServed")]
    public static partial void RequestServed(ILogger logger, string route, int status, string upstream, double totalMs, double authMs, double upstreamMs, string keyId, string clientIp, string requestId);

    [LoggerMessage(EventId = 2001, Message = "{Route} {Status} failed at {Place} {Detail} upstream {Upstream} in {TotalMs:0.0} ms (auth {AuthMs:0.0}, upstream {UpstreamMs:0.0}) key {KeyId} credential in {CredentialPlace} verdict {VerdictSource} client {ClientIp} request {RequestId}", EventName = "RequestFailed")]
    public static partial void RequestFailed(
        ILogger logger, LogLevel level, string route, int status, FailurePlace place, string detail, string upstream, double totalMs, double authMs, double upstreamMs, string keyId, string credentialPlace, string verdictSource, string clientIp, string requestId);

    [LoggerMessage(2002, LogLevel.Error, "Request {RequestId} failed unexpectedly", EventName = "RequestCrashed")]
    public static partial void RequestCrashed(ILogger logger, Exception error, string requestId);

    [LoggerMessage(2010, LogLevel.Warning, "The auth service is away ({Detail}); the last good verdict on key {KeyId} is used", EventName = "StaleVerdict")]
    public static partial void StaleVerdict(ILogger logger, string keyId, string detail);

    [LoggerMessage(2011, LogLevel.Information, "The auth service pushes no revocations; they take effect when remembered verdicts end", EventName = "NoRevocationFeed")]
    public static partial void NoRevocationFeed(ILogger logger);

    [LoggerMessage(2012, LogLevel.Information, "Revocations are followed from revision {Revision}", EventName = "RevocationFeedConnected")]
    public static partial void RevocationFeedConnected(ILogger logger, long revision);

    [LoggerMessage(2013, LogLevel.Warning, "Revocations can't be followed now: {Reason}", EventName = "RevocationFeedLost")]
    public static partial void RevocationFeedLost(ILogger logger, string reason);

    [LoggerMessage(2020, LogLevel.Information, "Gateway in front of {Upstream}, keys at {AuthService}", EventName = "GatewayStarted")]
    public static partial void Started(ILogger logger, string upstream, string authService);
}
