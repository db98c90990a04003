using System.Text.Json;
using Hokusai.Gateway.Admission;
using Hokusai.Gateway.Limits;
using Hokusai.Gateway.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Health;

/// <summary>
/// The gateway's own endpoints. <c>/health</c> and <c>/hokusai/live</c> say that the process answers and nothing else: a
/// load balancer that ended gateways because MLflow is down would make one outage two. <c>/hokusai/ready</c> says whether it can serve.
/// </summary>
internal sealed class OwnEndpoints(UpstreamHealth upstream, AuthSetupCheck auth, DependenciesEndpoint dependencies, GatewayTelemetry telemetry, LimitReadiness limits, Func<bool> isDraining)
{
    /// <summary>Answers, if the path is one of the gateway's own.</summary>
    public async ValueTask<bool> TryAnswerAsync(HttpContext http, string path)
    {
        switch (path)
        {
            case "/health" or "/hokusai/live":
                await TextAsync(http, StatusCodes.Status200OK, "text/plain", "OK");
                return true;
            case "/hokusai/ready":
                await ReadyAsync(http);
                return true;
            default:
                return path.StartsWith("/hokusai/", StringComparison.Ordinal) && (await telemetry.TryAnswerOpenAsync(http, path) || await dependencies.TryAnswerAsync(http, path));
        }
    }

    private async Task ReadyAsync(HttpContext http)
    {
        var draining = isDraining();
        var healthy = !draining && await upstream.ProbeAsync(http.RequestAborted);
        var (limited, detail) = await limits.ReadAsync();
        var setup = draining ? new AuthSetup("not asked") : await auth.GetAsync();
        var ready = healthy && setup.IsGood && limited;
        var body = JsonSerializer.Serialize(new Readiness(ready, draining, healthy ? "ok" : draining ? "not asked" : "no answer", setup.State, detail, setup.Remedy), HealthJson.Default.Readiness);
        await TextAsync(http, ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, "application/json", body);
    }

    private static async Task TextAsync(HttpContext http, int status, string type, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        http.Response.ContentLength = text.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.WriteAsync(text, http.RequestAborted);
    }
}
