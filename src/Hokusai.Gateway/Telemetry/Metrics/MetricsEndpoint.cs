using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

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
        var openMetrics = WantsOpenMetrics(http.Request);
        var text = PrometheusText.Write(families.All, openMetrics);
        await TelemetryReply.WriteAsync(http, StatusCodes.Status200OK, openMetrics ? PrometheusText.OpenMetricsType : PrometheusText.PlainType, Encoding.UTF8.GetBytes(text));
        return true;
    }

    // Scrapers that know OpenMetrics say so, and how much they like it; a person with curl gets the plain text.
    private static bool WantsOpenMetrics(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        var open = Quality(accepted, "application/openmetrics-text");
        return open > 0 && open >= Quality(accepted, "text/plain");
    }

    private static double Quality(IList<MediaTypeHeaderValue> accepted, string type) =>
        accepted.Where(a => a.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(a => a.Quality ?? 1).DefaultIfEmpty(0).Max();
}
