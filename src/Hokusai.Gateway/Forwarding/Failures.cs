using Hokusai.Contracts.Errors;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Forwarding;

/// <summary>What follows from a place of failure.</summary>
/// <param name="Status">Status of the answer. Permanent faults stay out of 408, 429, 500, 502, 503, 504, which MLflow's client retries for four minutes and whose bodies it loses.</param>
/// <param name="ErrorCode">MLflow's code.</param>
/// <param name="Code">Hokusai's code, for people and searches.</param>
/// <param name="Level">Level of the log line.</param>
/// <param name="Message">What is said to the client.</param>
/// <param name="Hint">What would help.</param>
/// <param name="RetryAfter">Seconds after which another try makes sense; null for never.</param>
/// <param name="ProxyStatus">Error type of RFC 9209, if the upstream or the way to it failed.</param>
internal sealed record Failure(int Status, string ErrorCode, string Code, LogLevel Level, string Message, string Hint, int? RetryAfter = null, string? ProxyStatus = null);

/// <summary>The table of failures.</summary>
internal static class Failures
{
    private const string HowToSendAKey = "Set MLFLOW_TRACKING_TOKEN to the key, or send it in Authorization: Bearer, as a Basic password, or in X-API-Key.";
    private const string AskForAKey = "Ask the administrator for a new key (hokusai keys create).";

    /// <summary>What follows from a place.</summary>
    public static Failure Of(FailurePlace place) => place switch
    {
        FailurePlace.CredentialMissing => new(401, MlflowErrorCodes.Unauthenticated, "HKS-AUTH-MISSING", LogLevel.Information, "No API key was sent.", HowToSendAKey),
        FailurePlace.CredentialMalformed => new(401, MlflowErrorCodes.Unauthenticated, "HKS-AUTH-MALFORMED", LogLevel.Information, "What was sent as API key is none.", "Compare it with the key as it was shown when it was issued."),
        FailurePlace.CredentialInQuery => new(401, MlflowErrorCodes.Unauthenticated, "HKS-AUTH-EXPOSED", LogLevel.Warning, "An API key was sent in the URL. It stands in logs and histories now and counts as exposed.", "Revoke that key (hokusai keys revoke) and send the new one in a header."),
        FailurePlace.CredentialsConflict => new(400, MlflowErrorCodes.BadRequest, "HKS-AUTH-CONFLICT", LogLevel.Information, "Two different API keys were sent in one request.", "Send one. MLflow sends Basic credentials over a token when both are set: unset MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN."),
        FailurePlace.KeyUnknown => new(401, MlflowErrorCodes.Unauthenticated, "HKS-AUTH-UNKNOWN", LogLevel.Information, "The API key is not known.", AskForAKey),
        FailurePlace.KeyExpired => new(401, MlflowErrorCodes.Unauthenticated, "HKS-AUTH-EXPIRED", LogLevel.Information, "The API key has expired.", AskForAKey),
        FailurePlace.KeyRevoked => new(401, MlflowErrorCodes.Unauthenticated, "HKS-AUTH-REVOKED", LogLevel.Information, "The API key was revoked.", AskForAKey),
        FailurePlace.KeyDisabled => new(401, MlflowErrorCodes.Unauthenticated, "HKS-AUTH-DISABLED", LogLevel.Information, "The API key is disabled.", AskForAKey),
        FailurePlace.SessionEnded => new(401, MlflowErrorCodes.Unauthenticated, "HKS-SESSION-ENDED", LogLevel.Information, "The session has ended.", "Sign in again: open MLflow's page, or /hokusai/sign-in."),
        FailurePlace.SessionOrigin => new(403, MlflowErrorCodes.PermissionDenied, "HKS-SESSION-ORIGIN", LogLevel.Warning, "The browser did not show that a page of this gateway asked for this.", "Open the page anew and try again. Programs send the key in a header in place of the cookie."),
        FailurePlace.KeyBlocked => new(401, MlflowErrorCodes.Unauthenticated, "HKS-AUTH-BLOCKED", LogLevel.Warning, "The API key was blocked by the operators of this gateway.", AskForAKey),
        FailurePlace.AddressDenied => new(403, MlflowErrorCodes.PermissionDenied, "HKS-DENY-ADDRESS", LogLevel.Warning, "The API key may not be used from this address.", "Send the request from one of the key's networks, or ask the administrator to add this one."),
        FailurePlace.AttemptsExceeded => new(429, MlflowErrorCodes.RequestLimitExceeded, "HKS-RATE-ADDRESS", LogLevel.Warning, "Too many attempts with bad keys came from this address.", "Send a good key after Retry-After; who tries keys from there?", RetryAfter: 2),
        FailurePlace.RateExceeded => new(429, MlflowErrorCodes.RequestLimitExceeded, "HKS-RATE", LogLevel.Information, "The API key made too many requests.", "Wait for Retry-After; log metrics in batches (log-batch), or ask the administrator for a higher limit.", RetryAfter: 2),
        FailurePlace.QuotaExhausted => new(403, MlflowErrorCodes.PermissionDenied, "HKS-QUOTA", LogLevel.Information, "The API key's quota for today is used up.", "Wait until it begins anew, or ask the administrator for a larger one."),
        FailurePlace.QuotaEndsSoon => new(429, MlflowErrorCodes.RequestLimitExceeded, "HKS-QUOTA-SOON", LogLevel.Information, "The API key's quota for today is used up, and the day ends soon.", "Wait for Retry-After: then it begins anew.", RetryAfter: 30),
        FailurePlace.ScopeMissing => new(403, MlflowErrorCodes.PermissionDenied, "HKS-DENY-SCOPE", LogLevel.Information, "The API key may not do this.", "Ask the administrator for a key with the scope that is named."),
        FailurePlace.GrantMissing => new(403, MlflowErrorCodes.PermissionDenied, "HKS-DENY-GRANT", LogLevel.Information, "The API key does not reach this experiment or model.", "Ask the administrator for a key that does; hokusai keys explain shows rule by rule what decides."),
        FailurePlace.GrantUnclear => new(403, MlflowErrorCodes.PermissionDenied, "HKS-DENY-UNCLEAR", LogLevel.Information, "The API key reaches some experiments and models only, and which of them this touches can't be told.", "Name it as docs/catalogue.md says, or use a key without grants."),
        FailurePlace.GrantUnresolved => new(503, MlflowErrorCodes.TemporarilyUnavailable, "HKS-GRANT-ASK", LogLevel.Error, "The API key reaches some experiments and models only, and MLflow does not say which of them this touches.", "Nothing was processed: try again. Operators: what does MLflow answer to experiments/get and runs/get?", RetryAfter: 2),
        FailurePlace.EndpointUnknown => new(404, MlflowErrorCodes.EndpointNotFound, "HKS-ROUTE", LogLevel.Information, "No such MLflow endpoint.", "MLflow's tracking URI is https://HOST/api/mlflow; its client adds the rest."),
        FailurePlace.MethodUnknown => new(405, MlflowErrorCodes.EndpointNotFound, "HKS-ROUTE-METHOD", LogLevel.Information, "The endpoint does not take this method.", "The Allow header names those that it takes."),
        FailurePlace.BodyTooLarge => new(413, MlflowErrorCodes.BadRequest, "HKS-SIZE", LogLevel.Information, "The request's body is too large.", "Split the batch; files belong to the artifact endpoints, which have no limit."),
        FailurePlace.RequestMalformed => new(400, MlflowErrorCodes.BadRequest, "HKS-REQUEST", LogLevel.Information, "The request is not well-formed HTTP.", "Look at what stands between client and gateway."),
        FailurePlace.RequestAmbiguous => new(400, MlflowErrorCodes.BadRequest, "HKS-AMBIGUOUS", LogLevel.Information, "The request can be understood in two ways.", "Send each field once, in one spelling, where the endpoint reads it: in the query of GET, else in the body."),
        FailurePlace.PageTokenForeign => new(400, MlflowErrorCodes.InvalidParameterValue, "HKS-TOKEN", LogLevel.Information, "Invalid page token: it was not given to this key for this search.", "Begin the search anew, without a token."),
        FailurePlace.AuthUnavailable => new(503, MlflowErrorCodes.TemporarilyUnavailable, "HKS-AUTHDOWN", LogLevel.Error, "The auth service can't be asked whether the key is good.", "Not the key's fault: try again; operators look at the auth service.", RetryAfter: 2),
        FailurePlace.ServiceUnknown => new(501, MlflowErrorCodes.NotImplemented, "HKS-CONF-SERVICE", LogLevel.Error, "The auth service does not know this gateway.", "Operators: add the gateway's service id to the auth service's list, or mend gateway serviceId."),
        FailurePlace.UpstreamNameUnknown => new(501, MlflowErrorCodes.NotImplemented, "HKS-CONF-NAME", LogLevel.Error, "The name of the MLflow server does not resolve.", "Operators: mend gateway upstream, or the service's registration in DNS.", ProxyStatus: "dns_error"),
        FailurePlace.NoAddress => new(502, MlflowErrorCodes.BadGateway, "HKS-UP-ADDRESS", LogLevel.Error, "No address of the MLflow server is known now.", "Nothing was processed: try again. Operators: are its tasks registered, does the name server answer?", RetryAfter: 2, ProxyStatus: "dns_error"),
        FailurePlace.UpstreamTls => new(501, MlflowErrorCodes.NotImplemented, "HKS-CONF-TLS", LogLevel.Error, "The MLflow server's TLS certificate is not trusted.", "Operators: give MLflow a certificate for its name, or trust its CA.", ProxyStatus: "tls_certificate_error"),
        FailurePlace.UpstreamHostRefused => new(501, MlflowErrorCodes.NotImplemented, "HKS-CONF-HOST", LogLevel.Error, "The MLflow server does not go by the name that the gateway knows it by.", "Operators: add the host and port of gateway upstream to MLflow's --allowed-hosts (MLFLOW_SERVER_ALLOWED_HOSTS).", ProxyStatus: "proxy_configuration_error"),
        FailurePlace.UpstreamPrefixWrong => new(501, MlflowErrorCodes.NotImplemented, "HKS-CONF-PREFIX", LogLevel.Error, "The MLflow server does not have its endpoints where the gateway looks for them.", "Operators: compare the path in gateway upstream with MLflow's --static-prefix, which its /api endpoints may not have.", ProxyStatus: "proxy_configuration_error"),
        FailurePlace.ConnectFailed => new(502, MlflowErrorCodes.BadGateway, "HKS-UP-CONNECT", LogLevel.Error, "The MLflow server takes no connection.", "Nothing was processed: try again. Operators: is it running, is its port open?", RetryAfter: 1, ProxyStatus: "connection_refused"),
        FailurePlace.UpstreamReset => new(502, MlflowErrorCodes.BadGateway, "HKS-UP-RESET", LogLevel.Error, "The MLflow server broke the connection before it answered. A write may have happened.", "Try again; for writes look first whether it happened.", RetryAfter: 1, ProxyStatus: "connection_terminated"),
        FailurePlace.UpstreamMalformed => new(502, MlflowErrorCodes.BadGateway, "HKS-UP-MALFORMED", LogLevel.Error, "The MLflow server did not answer in HTTP. A write may have happened.", "Operators: what listens on the upstream's port?", RetryAfter: 2, ProxyStatus: "http_protocol_error"),
        FailurePlace.UpstreamTimeout => new(504, MlflowErrorCodes.DeadlineExceeded, "HKS-SLOW", LogLevel.Error, "The MLflow server did not answer in time. A write may have happened.", "Try again; for writes look first whether it happened.", RetryAfter: 2, ProxyStatus: "http_response_timeout"),
        FailurePlace.BreakerOpen => new(503, MlflowErrorCodes.TemporarilyUnavailable, "HKS-OPEN", LogLevel.Warning, "The MLflow server failed most of the last requests; it is left alone for a moment.", "Nothing was processed: try again. Operators: /hokusai/dependencies says since when.", RetryAfter: 2, ProxyStatus: "destination_unavailable"),
        FailurePlace.CreateStillOut => new(503, MlflowErrorCodes.TemporarilyUnavailable, "HKS-SHIELD-WAIT", LogLevel.Warning, "The same request was sent before and is still being worked on.", "Nothing was sent a second time: try again, and the first one's answer comes.", RetryAfter: 2),
        FailurePlace.CreateLost => new(409, "RESOURCE_CONFLICT", "HKS-SHIELD-LOST", LogLevel.Error, "The same request was sent before and carried out, but its answer was lost.", "Look for what it made (the newest run or version) before making another."),
        FailurePlace.Draining => new(503, MlflowErrorCodes.TemporarilyUnavailable, "HKS-DRAIN", LogLevel.Information, "This gateway is shutting down.", "Try again: another one takes over.", RetryAfter: 1),
        FailurePlace.ClientGone => new(499, MlflowErrorCodes.BadRequest, "HKS-CLIENT-GONE", LogLevel.Debug, "The client went away.", "Nothing to do."),
        FailurePlace.Internal => new(500, MlflowErrorCodes.InternalError, "HKS-INTERNAL", LogLevel.Error, "The gateway failed.", "Operators: the log line with this request id says why.", RetryAfter: 2),
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, "a place without a description"),
    };
}
