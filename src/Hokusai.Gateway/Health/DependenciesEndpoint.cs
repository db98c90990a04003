using Hokusai.Gateway.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Health;

/// <summary><c>/hokusai/dependencies</c>: for people, always 200. A load balancer that acted on it would end gateways because MLflow is down.</summary>
internal sealed class DependenciesEndpoint(IReadOnlyList<Func<DependencyState>> providers, TimeProvider time)
{
    public const string Path = "/hokusai/dependencies";

    /// <summary>Answers, if the path is this one.</summary>
    public async ValueTask<bool> TryAnswerAsync(HttpContext http, string path)
    {
        if (path != Path) return false;
        if (!await TelemetryReply.AllowAsync(http, "GET, HEAD")) return true;
        var states = providers.Select(provider => provider()).ToList();
        await TelemetryReply.WriteJsonAsync(http, StatusCodes.Status200OK, json => DependencyReport.Write(json, states, time.GetUtcNow()));
        return true;
    }
}
