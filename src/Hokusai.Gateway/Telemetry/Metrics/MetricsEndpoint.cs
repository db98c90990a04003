using System.Text;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Telemetry.Metrics;

/// <summary>
/// <c>/hokusai/metrics</c>, for Prometheus. It asks for no key: it tells numbers, routes and request ids, and is not among the paths
/// that the load balancer sends here.
/// </summary>
internal sealed class MetricsEndpoint(MetricFamilies families)
{
    public const string Path = "/hokusai/metrics";

    /// <summary>Answers, if the path is this one.</summary>
    public async ValueTask<bool> TryAnswerAsync(HttpContext http, string path)
    {
        if (path != Path) return false;
        if (!await TelemetryReply.AllowAsync(http, "GET, HEAD")) return true;
        // Scrapers that know OpenMetrics say so; a person with curl gets the plain text.
        var openMetrics = http.Request.Headers.Accept.ToString().Contains("application/openmetrics-text", StringComparison.OrdinalIgnoreCase);
        var text = PrometheusText.Write(families.All, openMetrics);
        await TelemetryReply.WriteAsync(http, StatusCodes.Status200OK, openMetrics ? PrometheusText.OpenMetricsType : PrometheusText.PlainType, Encoding.UTF8.GetBytes(text));
        return true;
    }
}
