using Hokusai.Contracts.Errors;

namespace Hokusai.Verify;

/// <summary>A request that was not answered with success. The message says all that is known about it on one line.</summary>
internal sealed class CallFailedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Status of the answer; null when there was none.</summary>
    public int? Status { get; init; }

    /// <summary>MLflow's error code, read as MLflow's client reads it.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Whether no connection came about, so that nothing can have been done.</summary>
    public bool NoConnection { get; init; }

    /// <summary>Whether the request certainly changed nothing. A timeout and a 5xx leave it open.</summary>
    public bool Refused => NoConnection || Status is >= 300 and < 500 and not 408;

    /// <summary>Whether the server does not know the endpoint, as older versions of MLflow do.</summary>
    public bool UnknownEndpoint => Status == 404 && ErrorCode == MlflowErrorCodes.EndpointNotFound;

    /// <summary>Whether the thing asked for is not there.</summary>
    public bool UnknownThing => Status == 404 && ErrorCode != MlflowErrorCodes.EndpointNotFound;
}
