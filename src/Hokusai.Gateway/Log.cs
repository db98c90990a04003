using Hokusai.Gateway.Forwarding;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway;

/// <summary>Log messages of the gateway: event ids 2000 to 2999.</summary>
internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Information, "{Route} {Status} from {Upstream} in {TotalMs:0.0} ms (auth {AuthMs:0.0}, upstream {UpstreamMs:0.0}) key {KeyId} client {ClientIp} request {RequestId}", EventName = "RequestServed")]
    public static partial void RequestServed(ILogger logger, string route, int status, string upstream, double totalMs, double authMs, double upstreamMs, string keyId, string clientIp, string requestId);

    [LoggerMessage(EventId = 2001, Message = "{Route} {Status} failed at {Place} {Code} {Detail} upstream {Upstream} in {TotalMs:0.0} ms (auth {AuthMs:0.0}, upstream {UpstreamMs:0.0}) key {KeyId} {KeyDisplay} credential in {CredentialPlace} verdict {VerdictSource} (auth service {AuthStatus} in {QuestionMs:0.0} ms) client {ClientIp} by {Chain} request {RequestId}", EventName = "RequestFailed")]
    public static partial void RequestFailed(
        ILogger logger, LogLevel level, string route, int status, FailurePlace place, string code, string detail, string upstream, double totalMs, double authMs, double upstreamMs,
        string keyId, string keyDisplay, string credentialPlace, string verdictSource, int? authStatus, double questionMs, string clientIp, string chain, string requestId);

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

    [LoggerMessage(2014, LogLevel.Information, "The auth service at {AuthService} takes questions as they are asked, and knows this gateway as {ServiceId}", EventName = "AuthServiceFits")]
    public static partial void AuthServiceFits(ILogger logger, string authService, string serviceId);

    [LoggerMessage(2015, LogLevel.Error, "The auth service at {AuthService} does not fit: {State}. {Remedy}", EventName = "AuthServiceMisfits")]
    public static partial void AuthServiceMisfits(ILogger logger, string authService, string state, string remedy);

    [LoggerMessage(2016, LogLevel.Warning, "The auth service at {AuthService} was not reached yet: {State}", EventName = "AuthServiceAway")]
    public static partial void AuthServiceAway(ILogger logger, string authService, string state);

    [LoggerMessage(2020, LogLevel.Information, "Gateway in front of {Upstream}, keys at {AuthService}", EventName = "GatewayStarted")]
    public static partial void Started(ILogger logger, string upstream, string authService);

    [LoggerMessage(2030, LogLevel.Warning, "The deny list {File} was read: {Count} entries", EventName = "DenyListRead")]
    public static partial void DenyListRead(ILogger logger, string file, int count);

    [LoggerMessage(2031, LogLevel.Error, "The deny list {File} is not as it should be, {Fault}", EventName = "DenyListBroken")]
    public static partial void DenyListBroken(ILogger logger, string file, string fault);

    [LoggerMessage(2032, LogLevel.Error, "The deny list {File} can't be read, what was read last stays: {Reason}", EventName = "DenyListUnreadable")]
    public static partial void DenyListUnreadable(ILogger logger, string file, string reason);

    [LoggerMessage(2033, LogLevel.Warning, "Key {KeyId} of {UserId} ends at {Expires}", EventName = "KeyEndsSoon")]
    public static partial void KeyEndsSoon(ILogger logger, string keyId, string userId, string expires);

    [LoggerMessage(2034, LogLevel.Information, "The auth service takes no reports of use ({Status}); it is not asked again for 10 minutes", EventName = "UsesNotTaken")]
    public static partial void UsesNotTaken(ILogger logger, int status);

    [LoggerMessage(2035, LogLevel.Warning, "The auth service refused a report of use with {Status}; it is lost", EventName = "UsesRefused")]
    public static partial void UsesRefused(ILogger logger, int status);

    [LoggerMessage(2036, LogLevel.Warning, "The last report of use did not reach the auth service", EventName = "UsesLost")]
    public static partial void UsesLost(ILogger logger);

    [LoggerMessage(2040, LogLevel.Debug, "Request {RequestId}: looked at Authorization ({Authorization}), X-API-Key ({ApiKey}) and a query of {Query} characters; in {CredentialPlace} there is {Result} {KeyDisplay}", EventName = "CredentialRead", SkipEnabledCheck = true)]
    public static partial void CredentialRead(ILogger logger, string requestId, int authorization, int apiKey, int query, string credentialPlace, string result, string keyDisplay);

    [LoggerMessage(2041, LogLevel.Debug, "Request {RequestId}: verdict on {KeyDisplay} {VerdictSource}: {Result}; the auth service answered {AuthStatus} in {QuestionMs:0.0} ms, waited {AuthMs:0.0} ms", EventName = "VerdictReached", SkipEnabledCheck = true)]
    public static partial void VerdictReached(ILogger logger, string requestId, string keyDisplay, string verdictSource, string result, int? authStatus, double questionMs, double authMs);

    [LoggerMessage(2042, LogLevel.Debug, "Request {RequestId}: client {ClientIp} by {Chain} is in the key's networks ({Networks})", EventName = "AddressAllowed", SkipEnabledCheck = true)]
    public static partial void AddressAllowed(ILogger logger, string requestId, string clientIp, string chain, string networks);

    [LoggerMessage(2043, LogLevel.Debug, "Request {RequestId}: {Route} needs {Scope}, the key has {Scopes}: {Allowed}", EventName = "ScopeChecked", SkipEnabledCheck = true)]
    public static partial void ScopeChecked(ILogger logger, string requestId, string route, string scope, string scopes, bool allowed);
}
