using System.Globalization;
using System.Text.Json;
using Hokusai.Storage;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Runs;

/// <summary>Which datasets went into the runs of some experiments: the UI offers them as filters.</summary>
internal sealed class DatasetSearch(Database database)
{
    private const int MostExperiments = 20;
    private const long MostSummaries = 1000;
    private const string ContextTag = "mlflow.data.context";

    public IEnumerable<Route> Routes => [new("POST", "/mlflow/experiments/search-datasets", Search, RouteFamily.Ui)];

    private async Task Search(ApiCall call)
    {
        var ids = call.Message.Texts("experiment_ids");
        if (ids.Count == 0) throw ApiException.Invalid("SearchDatasets request must specify at least one experiment_id.");
        if (ids.Count > MostExperiments) throw ApiException.Invalid($"SearchDatasets request cannot specify more than {MostExperiments} experiment_ids. Received {ids.Count} experiment_ids.");
        // An id that is no number can't exist here, and what does not exist has no datasets.
        var numbers = ids.Select(id => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).Distinct().ToList();
        var summaries = await database.ReadAsync(session => Read(session, numbers), call.Aborted);
        await call.Reply(json => json.WriteList("dataset_summaries", summaries, static (writer, summary) => summary.Write(writer)));
    }

    private static List<DatasetSummary> Read(Session session, List<long> experiments)
    {
        var places = string.Join(", ", experiments.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"${i + 1}")));
        return session.Query(
            $"""
            SELECT DISTINCT r.experiment_id, d.name, d.digest, t.value FROM runs r
            JOIN run_datasets l ON l.run_pk = r.run_pk JOIN datasets d ON d.dataset_pk = l.dataset_pk
            LEFT JOIN run_dataset_tags t ON t.link_pk = l.link_pk AND t.key = '{ContextTag}'
            WHERE r.lifecycle_stage = 'active' AND r.experiment_id IN ({places}) ORDER BY 1, 2, 3, 4 LIMIT {MostSummaries}
            """,
            row => new DatasetSummary(row.GetInt64(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3)),
            [.. experiments.Select(id => (object?)id)]);
    }

    private sealed record DatasetSummary(long ExperimentId, string Name, string Digest, string? Context)
    {
        public void Write(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteString("experiment_id", ExperimentId.ToString(CultureInfo.InvariantCulture));
            json.WriteString("name", Name);
            json.WriteString("digest", Digest);
            json.WriteTextIfAny("context", Context);
            json.WriteEndObject();
        }
    }
}
