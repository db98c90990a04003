using System.Data.Common;
using System.Globalization;
using Hokusai.Storage;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Runs;

/// <summary>Loads the data of many runs with few queries.</summary>
internal static class RunReading
{
    // Two sizes of list, so that only two texts of each query are ever prepared.
    private const int Chunk = 64;

    private static readonly string One = "$1";
    private static readonly string Many = string.Join(", ", Enumerable.Range(1, Chunk).Select(i => "$" + i.ToString(CultureInfo.InvariantCulture)));

    public static List<Run> Load(Session session, IReadOnlyList<RunInfo> infos)
    {
        var runs = infos.Select(info => new Run(info)).ToList();
        for (var start = 0; start < runs.Count; start += Chunk) LoadChunk(session, runs[start..Math.Min(start + Chunk, runs.Count)]);
        return runs;
    }

    private static void LoadChunk(Session session, List<Run> runs)
    {
        var byPk = runs.ToDictionary(run => run.Info.Pk);
        Each("SELECT run_pk, key, value FROM params WHERE run_pk IN ({0}) ORDER BY run_pk, key", (run, row) => run.Params.Add(Pair(row)));
        Each("SELECT run_pk, key, value FROM tags WHERE run_pk IN ({0}) ORDER BY run_pk, key", (run, row) => run.Tags.Add(Pair(row)));
        Each(
            "SELECT run_pk, key, value, timestamp, step, is_nan FROM latest_metrics WHERE run_pk IN ({0}) ORDER BY run_pk, key",
            (run, row) => run.Metrics.Add(new Metric(row.GetString(1), row.GetDouble(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5) != 0)));
        Each(
            "SELECT run_pk, direction, model_id, step FROM run_models WHERE run_pk IN ({0}) ORDER BY link_pk",
            (run, row) => (row.GetString(1) == "input" ? run.InputModels : run.OutputModels).Add(new ModelLink(row.GetString(2), row.GetInt64(3))));
        var links = new List<(Run Run, long Link, Dataset Dataset)>();
        Each(
            "SELECT l.run_pk, l.link_pk, d.name, d.digest, d.source_type, d.source, d.dataset_schema, d.profile FROM run_datasets l JOIN datasets d ON d.dataset_pk = l.dataset_pk WHERE l.run_pk IN ({0}) ORDER BY l.link_pk",
            (run, row) => links.Add((run, row.GetInt64(1), new Dataset(row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), TextOrNull(row, 6), TextOrNull(row, 7)))));
        foreach (var (run, link, dataset) in links)
        {
            var tags = session.Query("SELECT key, value FROM run_dataset_tags WHERE link_pk = $1 ORDER BY key", row => new KeyValue(row.GetString(0), row.GetString(1)), link);
            run.Datasets.Add(new DatasetInput(dataset, tags));
        }

        void Each(string sql, Action<Run, DbDataReader> add)
        {
            var values = new object?[runs.Count == 1 ? 1 : Chunk];
            // A list is filled up with its last member: the text stays the same, and so do the rows.
            for (var i = 0; i < values.Length; i++) values[i] = runs[Math.Min(i, runs.Count - 1)].Info.Pk;
            session.Query(
                sql.Replace("{0}", runs.Count == 1 ? One : Many, StringComparison.Ordinal),
                row =>
                {
                    add(byPk[row.GetInt64(0)], row);
                    return true;
                },
                values);
        }
    }

    private static KeyValue Pair(DbDataReader row) => new(row.GetString(1), row.GetString(2));

    private static string? TextOrNull(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
