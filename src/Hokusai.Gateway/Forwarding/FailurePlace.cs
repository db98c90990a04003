namespace Hokusai.Gateway.Forwarding;

/// <summary>Where a request failed. Status, codes, log level, headers and body all follow from it, see <see cref="Failures"/>.</summary>
internal enum FailurePlace
{
    CredentialMissing,
    CredentialMalformed,
    CredentialInQuery,
    CredentialsConflict,
    KeyUnknown,
    KeyExpired,
    KeyRevoked,
    KeyDisabled,
    ScopeMissing,
    EndpointUnknown,
    MethodUnknown,
    BodyTooLarge,
    RequestMalformed,
    AuthUnavailable,
    ServiceUnknown,
    UpstreamNameUnknown,
    NoAddress,
    UpstreamTls,
    ConnectFailed,
    UpstreamReset,
    UpstreamMalformed,
    UpstreamTimeout,
    BreakerOpen,
    CreateStillOut,
    CreateLost,
    Draining,
    ClientGone,
    Internal,
}
