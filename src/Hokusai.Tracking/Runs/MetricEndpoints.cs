using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Runs;

/// <summary>Endpoints of metrics: logging one point, and histories.</summary>
internal sealed class MetricEndpoints(MetricStore store)
{
    private const int MostRuns = 100;
    private const int MostBulkPoints = 25_000;
    private const int MostSampledPoints = 2500;

    public IEnumerable<Route> Routes =>
    [
        new("POST", "/mlflow/runs/log-metric", Log),
        new("GET", "/mlflow/metrics/get-history", History),
        new("GET", "/mlflow/metrics/get-history-bulk", Bulk, RouteFamily.Ui),
        new("GET", "/mlflow/metrics/get-history-bulk-interval", Sample),
    ];

    private async Task Log(ApiCall call)
    {
        var runId = call.Message.RequiredRunId();
        await store.LogAsync(runId, MetricEntry.From(call.Message), call.Aborted);
        await call.ReplyEmpty();
    }

    private async Task History(ApiCall call)
    {
        var message = call.Message;
        var page = await store.HistoryAsync(message.RequiredRunId(), message.RequiredText("metric_key"), message.Int64("max_results"), message.Text("page_token"), call.Aborted);
        await call.Reply(json =>
        {
            json.WriteList("metrics", page.Items, static (writer, metric) => metric.Write(writer));
            json.WriteTextIfAny("next_page_token", page.NextToken);
        });
    }

    private async Task Bulk(ApiCall call)
    {
        var message = call.Message;
        var runIds = message.Texts("run_id");
        if (runIds.Count == 0) throw ApiException.Invalid("GetMetricHistoryBulk request must specify at least one run_id.");
        if (runIds.Count > MostRuns) throw ApiException.Invalid($"GetMetricHistoryBulk request cannot specify more than {MostRuns} run_ids. Received {runIds.Count} run_ids.");
        if (message.Text("metric_key") is not { Length: > 0 } key) throw ApiException.Invalid("GetMetricHistoryBulk request must specify a metric_key.");
        var most = (int)Math.Clamp(message.Int64("max_results") ?? MostBulkPoints, 1, MostBulkPoints);
        var points = await store.HistoriesAsync(runIds, key, most, call.Aborted);
        await call.Reply(json =>
        {
            json.WriteStartArray("metrics");
            foreach (var (runId, metric) in points) Write(json, runId, metric);
            json.WriteEndArray();
        });
    }

    private async Task Sample(ApiCall call)
    {
        var message = call.Message;
        var runIds = message.Texts("run_ids");
        if (runIds.Count == 0) throw ApiException.Missing("run_ids");
        if (runIds.Count > MostRuns) throw ApiException.Invalid($"GetMetricHistoryBulkInterval request must specify at most {MostRuns} run_ids. Received {runIds.Count} run_ids.");
        var key = message.RequiredText("metric_key");
        var most = message.Int64("max_results") ?? MostSampledPoints;
        if (most is < 1 or > MostSampledPoints) throw ApiException.Invalid($"max_results must be between 1 and {MostSampledPoints}.");
        var (start, end) = (message.Int64("start_step"), message.Int64("end_step"));
        if ((start is null) != (end is null)) throw ApiException.Invalid("If either start step or end step are specified, both must be specified.");
        if (start > end) throw ApiException.Invalid($"end_step must be greater than start_step. Found start_step={start} and end_step={end}.");
        var points = await store.SampleAsync(runIds, key, start, end, (int)most, call.Aborted);
        await call.Reply(json => json.WriteList("metrics", points, static (writer, point) => Write(writer, point.RunId, point.Metric)));
    }

    private static void Write(System.Text.Json.Utf8JsonWriter json, string runId, Metric metric)
    {
        json.WriteStartObject();
        metric.WriteFields(json);
        json.WriteString("run_id", runId);
        json.WriteEndObject();
    }
}
