namespace Hokusai.Contracts.Errors;

/// <summary>MLflow's error codes, as its clients know them.</summary>
public static class MlflowErrorCodes
{
    /// <summary>400: the request as a whole is wrong.</summary>
    public const string BadRequest = "BAD_REQUEST";

    /// <summary>400: a parameter is missing or wrong.</summary>
    public const string InvalidParameterValue = "INVALID_PARAMETER_VALUE";

    /// <summary>400: the name is taken.</summary>
    public const string ResourceAlreadyExists = "RESOURCE_ALREADY_EXISTS";

    /// <summary>400: the thing is in a state that does not allow this.</summary>
    public const string InvalidState = "INVALID_STATE";

    /// <summary>401: no valid credential.</summary>
    public const string Unauthenticated = "UNAUTHENTICATED";

    /// <summary>403: the credential does not allow this.</summary>
    public const string PermissionDenied = "PERMISSION_DENIED";

    /// <summary>404: no such endpoint. Newer clients fall back to older endpoints on this code only.</summary>
    public const string EndpointNotFound = "ENDPOINT_NOT_FOUND";

    /// <summary>404: no such thing.</summary>
    public const string ResourceDoesNotExist = "RESOURCE_DOES_NOT_EXIST";

    /// <summary>429: too many requests.</summary>
    public const string RequestLimitExceeded = "REQUEST_LIMIT_EXCEEDED";

    /// <summary>500: a fault of the server.</summary>
    public const string InternalError = "INTERNAL_ERROR";

    /// <summary>501: not offered, or misconfigured for good: outside of the codes that MLflow's clients retry.</summary>
    public const string NotImplemented = "NOT_IMPLEMENTED";

    /// <summary>502: the upstream did not answer as HTTP.</summary>
    public const string BadGateway = "BAD_GATEWAY";

    /// <summary>503: not now.</summary>
    public const string TemporarilyUnavailable = "TEMPORARILY_UNAVAILABLE";

    /// <summary>504: the deadline passed.</summary>
    public const string DeadlineExceeded = "DEADLINE_EXCEEDED";
}
