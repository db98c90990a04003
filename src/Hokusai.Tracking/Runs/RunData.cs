using System.Text.Json;
using System.Text.Json.Nodes;
using Hokusai.Storage;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Runs;

/// <summary>What is logged to a run: parameters, tags, batches of everything, datasets and models.</summary>
internal sealed class RunData(Database database)
{
    private const string HistoryTag = "mlflow.log-model.history";
    private static readonly string[] ModelFields = ["artifact_path", "flavors", "utc_time_created", "run_id"];

    /// <summary>Logs a batch, by key: batches that lock the same rows in the same order can't block each other for good.</summary>
    public Task<bool> LogBatchAsync(string runId, RunBatch batch, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            var run = RunStore.RequireActive(session, runId);
            foreach (var param in batch.Params.OrderBy(p => p.Key, StringComparer.Ordinal)) LogParam(session, run, param);
            foreach (var entry in batch.Metrics.OrderBy(m => m.Metric.Key, StringComparer.Ordinal)) MetricStore.Log(session, run, entry);
            foreach (var tag in batch.Tags.OrderBy(t => t.Key, StringComparer.Ordinal)) SetTag(session, run, tag);
            return true;
        },
        cancellation);

    public Task<bool> LogParamAsync(string runId, KeyValue param, CancellationToken cancellation)
    {
        Rules.Key("parameter", param.Key);
        return Change(runId, (session, run) => LogParam(session, run, param), cancellation);
    }

    public Task<bool> SetTagAsync(string runId, KeyValue tag, CancellationToken cancellation)
    {
        Rules.Key("tag", tag.Key);
        return Change(runId, (session, run) => SetTag(session, run, tag), cancellation);
    }

    public Task<bool> DeleteTagAsync(string runId, string key, CancellationToken cancellation) => Change(
        runId,
        (session, run) =>
        {
            if (session.Execute("DELETE FROM tags WHERE run_pk = $1 AND key = $2", run.Pk, key) == 0) throw ApiException.NotFound($"No tag with name: {key} in run with id {runId}");
        },
        cancellation);

    public Task<bool> LogInputsAsync(string runId, IReadOnlyList<DatasetInput> datasets, IReadOnlyList<string> modelIds, CancellationToken cancellation) => Change(
        runId,
        (session, run) =>
        {
            foreach (var input in datasets) LinkDataset(session, run, input);
            foreach (var modelId in modelIds) LinkModel(session, run, "input", new ModelLink(modelId, 0));
        },
        cancellation);

    public Task<bool> LogOutputsAsync(string runId, IReadOnlyList<ModelLink> models, CancellationToken cancellation) => Change(
        runId,
        (session, run) =>
        {
            foreach (var link in models) LinkModel(session, run, "output", link);
        },
        cancellation);

    /// <summary>What clients before MLflow 3 send after they logged a model: it is added to a JSON list in a tag.</summary>
    public Task<bool> LogModelAsync(string runId, string modelJson, CancellationToken cancellation)
    {
        var model = ParseModel(modelJson);
        return Change(
            runId,
            (session, run) =>
            {
                var known = session.First("SELECT value FROM tags WHERE run_pk = $1 AND key = $2 {LOCK}", row => row.GetString(0), run.Pk, HistoryTag);
                var history = known is null ? [] : JsonNode.Parse(known)!.AsArray();
                history.Add(model.DeepClone());
                StoreTag(session, run, HistoryTag, PythonJson.Write(history));
            },
            cancellation);
    }

    public static void SetTag(Session session, RunInfo run, KeyValue tag)
    {
        StoreTag(session, run, tag.Key, Rules.Cut(tag.Value, Rules.LongestTagValue));
        if (tag.Key == RunStore.NameTag) session.Execute("UPDATE runs SET run_name = $2 WHERE run_pk = $1", run.Pk, Rules.Cut(tag.Value, Rules.LongestTagValue));
    }

    private static void LogParam(Session session, RunInfo run, KeyValue param)
    {
        var value = Rules.Cut(param.Value, Rules.LongestParamValue);
        if (session.Execute("INSERT INTO params (run_pk, key, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", run.Pk, param.Key, value) > 0) return;
        var logged = session.First("SELECT value FROM params WHERE run_pk = $1 AND key = $2", row => row.GetString(0), run.Pk, param.Key);
        if (logged != value)
            throw ApiException.Invalid($"Changing param values is not allowed. Param with key='{param.Key}' was already logged with value='{logged}' for run ID='{run.Id}'. Attempted logging new value '{value}'.");
    }

    private static void StoreTag(Session session, RunInfo run, string key, string value) => session.Execute(
        "INSERT INTO tags (run_pk, key, value) VALUES ($1, $2, $3) ON CONFLICT (run_pk, key) DO UPDATE SET value = excluded.value", run.Pk, key, value);

    private static void LinkDataset(Session session, RunInfo run, DatasetInput input)
    {
        var dataset = input.Dataset;
        session.Execute(
            "INSERT INTO datasets (name, digest, source_type, source, dataset_schema, profile) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            dataset.Name, dataset.Digest, dataset.SourceType, dataset.Source, dataset.Schema, dataset.Profile);
        var pk = session.Number("SELECT dataset_pk FROM datasets WHERE name = $1 AND digest = $2", dataset.Name, dataset.Digest)!;
        // The tags of the first link stay, as in MLflow.
        var link = session.Number("INSERT INTO run_datasets (run_pk, dataset_pk) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING link_pk", run.Pk, pk);
        if (link is null) return;
        foreach (var tag in input.Tags)
            session.Execute("INSERT INTO run_dataset_tags (link_pk, key, value) VALUES ($1, $2, $3) ON CONFLICT (link_pk, key) DO UPDATE SET value = excluded.value", link, tag.Key, tag.Value);
    }

    private static void LinkModel(Session session, RunInfo run, string direction, ModelLink link) => session.Execute(
        "INSERT INTO run_models (run_pk, direction, model_id, step) VALUES ($1, $2, $3, $4) ON CONFLICT (run_pk, direction, model_id) DO UPDATE SET step = excluded.step",
        run.Pk, direction, link.ModelId, link.Step);

    private static JsonObject ParseModel(string text)
    {
        JsonObject? model;
        try
        {
            model = JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            model = null;
        }
        if (model is null) throw ApiException.Invalid($"Malformed model info. \n {Rules.Cut(text, 200)} \n is not a valid JSON object.");
        var missing = ModelFields.Where(field => !model.ContainsKey(field)).ToList();
        if (missing.Count > 0) throw ApiException.Invalid($"Model json is missing mandatory fields: {string.Join(", ", missing)}");
        // What is large and of no use in a list of models: configurations and signatures.
        model.Remove("signature");
        model.Remove("saved_input_example_info");
        foreach (var (_, flavor) in model["flavors"] as JsonObject ?? []) (flavor as JsonObject)?.Remove("config");
        return model;
    }

    private Task<bool> Change(string runId, Action<Session, RunInfo> change, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            change(session, RunStore.RequireActive(session, runId));
            return true;
        },
        cancellation);
}
