using Hokusai.Storage;
using Hokusai.Tracking.Artifacts;
using Hokusai.Tracking.Experiments;
using Hokusai.Tracking.Protocol;
using Hokusai.Tracking.Search;

namespace Hokusai.Tracking.Runs;

/// <summary>Runs in the database: their life, and reading them whole.</summary>
internal sealed class RunStore(Database database, TimeProvider time)
{
    public const string NameTag = "mlflow.runName";

    public Task<Run> CreateAsync(string experimentId, string userId, string? name, long startTime, List<KeyValue> tags, CancellationToken cancellation)
    {
        var runName = ChooseName(name, tags);
        tags.RemoveAll(t => t.Key == NameTag);
        tags.Add(new KeyValue(NameTag, runName));
        foreach (var tag in tags) Rules.Key("tag", tag.Key);
        var runId = Guid.NewGuid().ToString("n");
        return database.WriteAsync(
            session =>
            {
                var experiment = ExperimentStore.RequireActive(session, experimentId);
                var info = session.First(
                    """
                    INSERT INTO runs (run_id, experiment_id, run_name, user_id, status, start_time, artifact_uri, lifecycle_stage)
                    VALUES ($1, $2, $3, $4, 'RUNNING', $5, $6, 'active')
                    RETURNING run_pk, run_id, experiment_id, run_name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage
                    """,
                    RunInfo.Read, runId, experiment.Id, runName, userId, startTime, ArtifactLocations.OfRun(experiment.ArtifactLocation, runId))!;
                foreach (var tag in tags) RunData.SetTag(session, info, tag);
                return RunReading.Load(session, [info])[0];
            },
            cancellation);
    }

    public Task<Run> GetAsync(string runId, CancellationToken cancellation) =>
        database.ReadAsync(session => RunReading.Load(session, [Require(session, runId)])[0], cancellation);

    public async Task<string> ArtifactUriAsync(string runId, CancellationToken cancellation) =>
        (await database.ReadAsync(session => Require(session, runId), cancellation)).ArtifactUri;

    public Task<RunInfo> UpdateAsync(string runId, string? status, long? endTime, string? name, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            var run = RequireActive(session, runId);
            if (status is not null) session.Execute("UPDATE runs SET status = $2 WHERE run_pk = $1", run.Pk, status);
            if (endTime is not null) session.Execute("UPDATE runs SET end_time = $2 WHERE run_pk = $1", run.Pk, endTime);
            if (!string.IsNullOrEmpty(name)) RunData.SetTag(session, run, new KeyValue(NameTag, name));
            return Require(session, runId);
        },
        cancellation);

    public Task<bool> DeleteAsync(string runId, CancellationToken cancellation) => MoveAsync(runId, LifecycleStage.Deleted, time.GetUtcNow().ToUnixTimeMilliseconds(), cancellation);

    public Task<bool> RestoreAsync(string runId, CancellationToken cancellation) => MoveAsync(runId, LifecycleStage.Active, null, cancellation);

    /// <summary>A page of the runs of some experiments that a filter lets through.</summary>
    public Task<Page<Run>> SearchAsync(IReadOnlyList<string> experimentIds, string? filter, IReadOnlyList<string> orderBy, string view, int pageSize, string? pageToken, CancellationToken cancellation)
    {
        var offset = PageToken.Offset(pageToken);
        var query = new SqlQuery();
        var ids = experimentIds.Select(id => long.TryParse(id, out var number) ? number : -1).ToList();
        query.Where(ids.Count == 0 ? "1 = 0" : $"r.experiment_id IN ({string.Join(", ", ids.Select(id => query.Value(id)))})");
        query.Where(LifecycleStage.Condition(view, "r"));
        RunSearch.Filter(query, filter);
        var order = RunSearch.Order(query, orderBy);
        return database.ReadAsync(
            session =>
            {
                var rows = query.Run(session, $"SELECT {RunInfo.Columns} FROM runs r", order, pageSize + 1L, offset, RunInfo.Read);
                var page = Page<RunInfo>.Cut(rows, offset, pageSize);
                return new Page<Run>(RunReading.Load(session, page.Items), page.NextToken);
            },
            cancellation);
    }

    public static RunInfo? Find(Session session, string runId) => session.First($"SELECT {RunInfo.Columns} FROM runs r WHERE r.run_id = $1", RunInfo.Read, runId);

    /// <summary>The run, or 404.</summary>
    public static RunInfo Require(Session session, string runId) => Find(session, runId) ?? throw ApiException.NotFound($"Run with id={runId} not found");

    /// <summary>The run if it may be changed; 404 or 400 otherwise.</summary>
    public static RunInfo RequireActive(Session session, string runId)
    {
        var run = Require(session, runId);
        return run.Stage == LifecycleStage.Active ? run : throw ApiException.Invalid($"The run {runId} must be in the 'active' state. Current state is {run.Stage}.");
    }

    private Task<bool> MoveAsync(string runId, string stage, long? deleted, CancellationToken cancellation) => database.WriteAsync(
        session => session.Execute("UPDATE runs SET lifecycle_stage = $2, deleted_time = $3 WHERE run_pk = $1", Require(session, runId).Pk, stage, deleted) > 0,
        cancellation);

    private static string ChooseName(string? name, List<KeyValue> tags)
    {
        var tag = tags.FindLast(t => t.Key == NameTag).Value;
        if (!string.IsNullOrEmpty(name) && !string.IsNullOrEmpty(tag) && name != tag)
            throw ApiException.Invalid($"Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='{name}', mlflow.runName='{tag}').");
        var chosen = !string.IsNullOrEmpty(name) ? name : tag;
        return string.IsNullOrEmpty(chosen) ? RunNames.Next() : chosen;
    }
}
