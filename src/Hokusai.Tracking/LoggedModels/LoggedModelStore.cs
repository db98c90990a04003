using System.Text.Json.Nodes;
using Hokusai.Contracts.Errors;
using Hokusai.Storage;
using Hokusai.Tracking.Artifacts;
using Hokusai.Tracking.Experiments;
using Hokusai.Tracking.Protocol;
using Hokusai.Tracking.Runs;
using Hokusai.Tracking.Search;

namespace Hokusai.Tracking.LoggedModels;

/// <summary>Logged models in the database.</summary>
internal sealed class LoggedModelStore(Database database, TimeProvider time)
{
    private const string VersionsTag = "mlflow.modelVersions";

    private static readonly System.Buffers.SearchValues<char> ForbiddenInNames = System.Buffers.SearchValues.Create("/:.%\"'");

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public Task<LoggedModel> CreateAsync(NewLoggedModel model, CancellationToken cancellation)
    {
        var name = model.Name ?? RunNames.Next();
        if (name.Length == 0 || name.AsSpan().IndexOfAny(ForbiddenInNames) >= 0)
            throw ApiException.Invalid($"Invalid model name ('{name}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '\"', \"'\").");
        Rules.NotLonger("model name", name, 500);
        foreach (var pair in model.Params.Concat(model.Tags)) Rules.Key("key", pair.Key);
        var id = "m-" + Guid.NewGuid().ToString("n");
        return database.WriteAsync(
            session =>
            {
                var experiment = ExperimentStore.RequireActive(session, model.ExperimentId);
                var pk = session.Number(
                    """
                    INSERT INTO logged_models (model_id, experiment_id, name, artifact_uri, creation_ms, updated_ms, status, model_type, source_run_id, lifecycle_stage)
                    VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, 'active') RETURNING model_pk
                    """,
                    id, experiment.Id, name, ArtifactLocations.OfLoggedModel(experiment.ArtifactLocation, id), Now, LoggedModel.Pending, model.Type ?? "", model.SourceRunId)!.Value;
                AddParams(session, pk, model.Params);
                foreach (var tag in model.Tags) SetTag(session, pk, tag);
                return Require(session, id);
            },
            cancellation);
    }

    public Task<LoggedModel> GetAsync(string id, CancellationToken cancellation) => database.ReadAsync(session => Require(session, id), cancellation);

    public Task<LoggedModel> FinishAsync(string id, int status, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            session.Execute("UPDATE logged_models SET status = $2, updated_ms = $3 WHERE model_pk = $1", Require(session, id).Pk, (long)status, Now);
            return Require(session, id);
        },
        cancellation);

    public Task<bool> AddParamsAsync(string id, IReadOnlyList<KeyValue> parameters, CancellationToken cancellation)
    {
        foreach (var param in parameters) Rules.Key("parameter", param.Key);
        return database.WriteAsync(session => AddParams(session, Require(session, id).Pk, parameters), cancellation);
    }

    public Task<bool> SetTagsAsync(string id, IReadOnlyList<KeyValue> tags, CancellationToken cancellation)
    {
        foreach (var tag in tags) Rules.Key("tag", tag.Key);
        return database.WriteAsync(
            session =>
            {
                var pk = Require(session, id).Pk;
                foreach (var tag in tags) SetTag(session, pk, tag);
                return true;
            },
            cancellation);
    }

    public Task<bool> DeleteTagAsync(string id, string key, CancellationToken cancellation) => database.WriteAsync(
        session => session.Execute("DELETE FROM logged_model_tags WHERE model_pk = $1 AND key = $2", Require(session, id).Pk, key) > 0
            ? true
            : throw ApiException.NotFound($"No tag with key '{key}' found for model with ID '{id}'."),
        cancellation);

    /// <summary>Marks a model as deleted. Doing it again is no error.</summary>
    public Task<bool> DeleteAsync(string id, CancellationToken cancellation) => database.WriteAsync(
        session => session.Execute("UPDATE logged_models SET lifecycle_stage = 'deleted', updated_ms = $2 WHERE model_id = $1", id, Now) > 0
            ? true
            : throw NotFound(id),
        cancellation);

    public Task<Page<LoggedModel>> SearchAsync(LoggedModelSearch search, CancellationToken cancellation)
    {
        var offset = PageToken.Offset(search.PageToken);
        var query = new SqlQuery();
        var order = search.Build(query);
        return database.ReadAsync(
            session =>
            {
                var rows = query.Run(session, $"SELECT {LoggedModel.Columns} FROM logged_models m", order, search.PageSize + 1L, offset, LoggedModel.Read);
                var page = Page<LoggedModel>.Cut(rows, offset, search.PageSize);
                foreach (var model in page.Items) LoadData(session, model);
                return page;
            },
            cancellation);
    }

    /// <summary>Records a run's point on the model too. A point at the same place keeps its first value.</summary>
    public static void LogMetric(Session session, RunInfo run, MetricEntry entry)
    {
        var metric = entry.Metric;
        session.Execute(
            """
            INSERT INTO logged_model_metrics (model_pk, key, timestamp, step, run_id, value, is_nan, dataset_name, dataset_digest)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
            """,
            Require(session, entry.ModelId!).Pk, metric.Key, metric.Timestamp, metric.Step, run.Id, metric.Value, metric.IsNaN ? 1L : 0L, entry.DatasetName, entry.DatasetDigest);
    }

    /// <summary>Notes on the model that a version of a registered model was made from it.</summary>
    public static void NoteVersion(Session session, LoggedModel model, string name, long version)
    {
        var known = model.Tags.Find(tag => tag.Key == VersionsTag).Value;
        JsonArray versions;
        try
        {
            versions = known is null ? [] : JsonNode.Parse(known) as JsonArray ?? [];
        }
        catch (System.Text.Json.JsonException)
        {
            // The tag belongs to clients as well; what is no list any more is begun anew.
            versions = [];
        }
        versions.Add(new JsonObject { ["name"] = name, ["version"] = version });
        SetTag(session, model.Pk, new KeyValue(VersionsTag, PythonJson.Write(versions)));
    }

    public static LoggedModel Require(Session session, string id)
    {
        var model = session.First($"SELECT {LoggedModel.Columns} FROM logged_models m WHERE m.model_id = $1 AND m.lifecycle_stage = 'active'", LoggedModel.Read, id) ?? throw NotFound(id);
        LoadData(session, model);
        return model;
    }

    private static ApiException NotFound(string id) => ApiException.NotFound($"Logged model with ID '{id}' not found.");

    private static bool AddParams(Session session, long pk, IReadOnlyList<KeyValue> parameters)
    {
        foreach (var param in parameters)
        {
            if (session.Execute("INSERT INTO logged_model_params (model_pk, key, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", pk, param.Key, param.Value) > 0) continue;
            var known = session.First("SELECT value FROM logged_model_params WHERE model_pk = $1 AND key = $2", row => row.GetString(0), pk, param.Key);
            // The same value again is a client's second try, not a mistake.
            if (known != param.Value) throw new ApiException(MlflowErrorCodes.BadRequest, $"Param with key='{param.Key}' was already logged with value='{known}'; params of a logged model do not change");
        }
        return true;
    }

    private static void SetTag(Session session, long pk, KeyValue tag) => session.Execute(
        "INSERT INTO logged_model_tags (model_pk, key, value) VALUES ($1, $2, $3) ON CONFLICT (model_pk, key) DO UPDATE SET value = excluded.value", pk, tag.Key, tag.Value);

    private static void LoadData(Session session, LoggedModel model)
    {
        static KeyValue Pair(System.Data.Common.DbDataReader row) => new(row.GetString(0), row.GetString(1));
        model.Params.AddRange(session.Query("SELECT key, value FROM logged_model_params WHERE model_pk = $1 ORDER BY key", Pair, model.Pk));
        model.Tags.AddRange(session.Query("SELECT key, value FROM logged_model_tags WHERE model_pk = $1 ORDER BY key", Pair, model.Pk));
        model.Metrics.AddRange(session.Query(
            "SELECT key, value, timestamp, step, is_nan, run_id, dataset_name, dataset_digest FROM logged_model_metrics WHERE model_pk = $1 ORDER BY key, timestamp, step",
            row => new LoggedModelMetric(Metric.Read(row), row.GetString(5), row.IsDBNull(6) ? null : row.GetString(6), row.IsDBNull(7) ? null : row.GetString(7)), model.Pk));
    }
}

/// <summary>What a client gives for a new logged model.</summary>
internal sealed record NewLoggedModel(string ExperimentId, string? Name, string? Type, string? SourceRunId, IReadOnlyList<KeyValue> Params, IReadOnlyList<KeyValue> Tags);
