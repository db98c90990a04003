using Hokusai.Contracts.Errors;

namespace Hokusai.Tracking.Protocol;

/// <summary>An answer other than 200: MLflow's code, its status and the text for the client.</summary>
internal sealed class ApiException(string errorCode, string message, int? status = null) : Exception(message)
{
    public string ErrorCode => errorCode;

    public int Status => status ?? errorCode switch
    {
        MlflowErrorCodes.ResourceDoesNotExist or MlflowErrorCodes.EndpointNotFound => 404,
        MlflowErrorCodes.PermissionDenied => 403,
        MlflowErrorCodes.InternalError => 500,
        MlflowErrorCodes.NotImplemented => 501,
        MlflowErrorCodes.TemporarilyUnavailable => 503,
        // INVALID_STATE is 500 in MLflow, which makes clients retry their own mistake for four minutes.
        _ => 400,
    };

    public static ApiException Invalid(string message) => new(MlflowErrorCodes.InvalidParameterValue, message);

    public static ApiException NotFound(string message) => new(MlflowErrorCodes.ResourceDoesNotExist, message);

    public static ApiException Exists(string message) => new(MlflowErrorCodes.ResourceAlreadyExists, message);

    public static ApiException Missing(string parameter) =>
        Invalid($"Missing value for required parameter '{parameter}'. See the API docs for more information about request parameters.");

    public static ApiException WrongValue(string parameter, string value, string type) =>
        Invalid($"Invalid value {value} for parameter '{parameter}' supplied:  Hint: Value was of type '{type}'. See the API docs for more information about request parameters.");
}
