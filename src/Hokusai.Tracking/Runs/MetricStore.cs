using Hokusai.Storage;
using Hokusai.Tracking.LoggedModels;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Runs;

/// <summary>Points of metrics. The same point twice is one point; the latest is the greatest by step, timestamp and value.</summary>
internal sealed class MetricStore(Database database)
{
    // A NaN is kept as 0 with a flag, and counts as 0 here, as in MLflow.
    private const string UpsertLatest =
        """
        INSERT INTO latest_metrics (run_pk, key, value, timestamp, step, is_nan) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (run_pk, key) DO UPDATE SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan
        WHERE (excluded.step, excluded.timestamp, excluded.value) > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)
        """;

    public Task<bool> LogAsync(string runId, MetricEntry entry, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            Log(session, RunStore.RequireActive(session, runId), entry);
            return true;
        },
        cancellation);

    public Task<Page<Metric>> HistoryAsync(string runId, string key, long? pageSize, string? pageToken, CancellationToken cancellation)
    {
        var offset = PageToken.Offset(pageToken);
        var size = (int)Math.Clamp(pageSize ?? int.MaxValue - 1, 1, int.MaxValue - 1);
        return database.ReadAsync(
            session =>
            {
                var run = RunStore.Require(session, runId);
                var rows = session.Query(
                    "SELECT key, value, timestamp, step, is_nan FROM metrics WHERE run_pk = $1 AND key = $2 ORDER BY timestamp, step, value, is_nan LIMIT $3 OFFSET $4",
                    Metric.Read, run.Pk, key, (long)size + 1, offset);
                return Page<Metric>.Cut(rows, offset, size);
            },
            cancellation);
    }

    /// <summary>Points of one metric in several runs, for charts: by run, then in the order of a history.</summary>
    public Task<List<(string RunId, Metric Metric)>> HistoriesAsync(IReadOnlyList<string> runIds, string key, int most, CancellationToken cancellation) => database.ReadAsync(
        session =>
        {
            var points = new List<(string, Metric)>();
            foreach (var runId in runIds.Order(StringComparer.Ordinal))
            {
                if (points.Count >= most || RunStore.Find(session, runId) is not { } run) continue;
                points.AddRange(session.Query(
                    "SELECT key, value, timestamp, step, is_nan FROM metrics WHERE run_pk = $1 AND key = $2 ORDER BY timestamp, step, value, is_nan LIMIT $3",
                    row => (runId, Metric.Read(row)), run.Pk, key, (long)(most - points.Count)));
            }
            return points;
        },
        cancellation);

    /// <summary>Points of one metric in several runs on sampled steps: so many over all runs, evenly spread, and each run's first and last besides.</summary>
    public Task<List<(string RunId, Metric Metric)>> SampleAsync(IReadOnlyList<string> runIds, string key, long? startStep, long? endStep, int most, CancellationToken cancellation) =>
        database.ReadAsync(session => MetricSampling.Read(session, runIds, key, startStep ?? long.MinValue, endStep ?? long.MaxValue, most), cancellation);

    public static void Log(Session session, RunInfo run, MetricEntry entry)
    {
        var metric = entry.Metric;
        var isNaN = metric.IsNaN ? 1L : 0L;
        var added = session.Execute(
            "INSERT INTO metrics (run_pk, key, timestamp, step, value, is_nan) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            run.Pk, metric.Key, metric.Timestamp, metric.Step, metric.Value, isNaN);
        if (added > 0) session.Execute(UpsertLatest, run.Pk, metric.Key, metric.Value, metric.Timestamp, metric.Step, isNaN);
        if (entry.ModelId is { Length: > 0 }) LoggedModelStore.LogMetric(session, run, entry);
    }
}
