using Hokusai.Storage;

namespace Hokusai.Tracking.Runs;

/// <summary>Which steps of long histories a chart is drawn from.</summary>
internal static class MetricSampling
{
    public static List<(string RunId, Metric Metric)> Read(Session session, IReadOnlyList<string> runIds, string key, long startStep, long endStep, int most)
    {
        var runs = runIds.Distinct().Select(id => RunStore.Require(session, id)).ToList();
        var perRun = runs.ConvertAll(run => session.Query(
            "SELECT DISTINCT step FROM metrics WHERE run_pk = $1 AND key = $2 AND step BETWEEN $3 AND $4 ORDER BY step", row => row.GetInt64(0), run.Pk, key, startStep, endStep));
        var steps = Choose([.. perRun.SelectMany(s => s).Distinct().Order()], most);
        foreach (var own in perRun.Where(s => s.Count > 0))
        {
            steps.Add(own[0]);
            steps.Add(own[^1]);
        }
        var points = new List<(string, Metric)>();
        foreach (var run in runs)
        {
            points.AddRange(session.Query(
                "SELECT key, value, timestamp, step, is_nan FROM metrics WHERE run_pk = $1 AND key = $2 AND step BETWEEN $3 AND $4 ORDER BY step, timestamp, value",
                row => (run.Id, Metric.Read(row)), run.Pk, key, startStep, endStep).Where(p => steps.Contains(p.Item2.Step)));
        }
        return points;
    }

    /// <summary>All steps if they are few enough, else so many at even distances and the last one.</summary>
    internal static HashSet<long> Choose(IReadOnlyList<long> steps, int most)
    {
        if (steps.Count <= most) return [.. steps];
        var chosen = new HashSet<long> { steps[^1] };
        var interval = (double)steps.Count / most;
        for (var i = 0; i < most; i++) chosen.Add(steps[(int)(i * interval)]);
        return chosen;
    }
}
