using Hokusai.Gateway.Forwarding.Http1;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Forwarding;

/// <summary>
/// Answers by which MLflow says that it was set up otherwise than the gateway believes. Passed on, they would read as if the client were at
/// fault: "permission denied", "not found".
/// </summary>
internal static class UpstreamSetup
{
    private const int Most = 128;

    // Every MLflow that is supported has these under /api/2.0, and what they do not find they tell in JSON. Of other endpoints a 404 may mean
    // that the server is older than the client, and newer clients fall back on it.
    private static readonly HashSet<string> AlwaysThere = new(StringComparer.Ordinal)
    {
        "GET /api/2.0/mlflow/experiments/get", "GET /api/2.0/mlflow/experiments/get-by-name", "GET /api/2.0/mlflow/experiments/search", "POST /api/2.0/mlflow/experiments/search",
        "POST /api/2.0/mlflow/experiments/create", "GET /api/2.0/mlflow/runs/get", "POST /api/2.0/mlflow/runs/search", "POST /api/2.0/mlflow/runs/create", "POST /api/2.0/mlflow/runs/update",
        "POST /api/2.0/mlflow/runs/log-metric", "POST /api/2.0/mlflow/runs/log-parameter", "POST /api/2.0/mlflow/runs/set-tag", "POST /api/2.0/mlflow/runs/log-batch",
        "GET /api/2.0/mlflow/registered-models/get", "GET /api/2.0/mlflow/registered-models/search", "POST /api/2.0/mlflow/registered-models/create",
        "GET /api/2.0/mlflow/model-versions/get", "GET /api/2.0/mlflow/model-versions/search", "POST /api/2.0/mlflow/model-versions/create",
    };

    /// <summary>What an answer that has begun says of the upstream's setting up; null for every other answer.</summary>
    /// <param name="connection">Where the answer comes from. Its body is looked at, not taken.</param>
    /// <param name="label">The endpoint that was asked.</param>
    public static ValueTask<UpstreamFailure?> FaultAsync(UpstreamConnection connection, string label)
    {
        var response = connection.Response;
        return response.Status switch
        {
            StatusCodes.Status403Forbidden when IsOf(response, "text/") && response.Framing is (Framing.Length or Framing.Chunks) => HostFaultAsync(connection),
            StatusCodes.Status404NotFound when AlwaysThere.Contains(label) && IsOf(response, "text/html") => new(new UpstreamFailure(FailurePlace.UpstreamPrefixWrong, Progress.AnswerBegun)),
            _ => default,
        };
    }

    private static async ValueTask<UpstreamFailure?> HostFaultAsync(UpstreamConnection connection)
    {
        try
        {
            while (!HasEnough(connection) && connection.Received(await connection.ReceiveMoreAsync())) continue;
        }
        catch (Exception e)
        {
            throw connection.Explain(e, Progress.AnswerBegun);
        }
        return connection.Unread.IndexOf("Invalid Host header"u8) >= 0 ? new UpstreamFailure(FailurePlace.UpstreamHostRefused, Progress.AnswerBegun) : null;
    }

    private static bool HasEnough(UpstreamConnection connection)
    {
        var unread = connection.Unread;
        return unread.Length >= Most || (connection.Response.Framing == Framing.Length ? unread.Length >= connection.Response.Length : unread.EndsWith("0\r\n\r\n"u8));
    }

    private static bool IsOf(ResponseReader response, string type)
    {
        foreach (var (name, value) in response.Fields)
            if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)) return value.StartsWith(type, StringComparison.OrdinalIgnoreCase);
        return false;
    }
}
