using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Hokusai.Tracking.Protocol;
using Hokusai.Tracking.Runs;

namespace Hokusai.Tracking.LoggedModels;

/// <summary>A model of MLflow 3: made by a run or by none, with a place of its own for its files.</summary>
internal sealed record LoggedModel(
    long Pk, string Id, long ExperimentId, string Name, string ArtifactUri, long Created, long Updated, long Status, string Type, string? SourceRunId)
{
    public const string Columns = "m.model_pk, m.model_id, m.experiment_id, m.name, m.artifact_uri, m.creation_ms, m.updated_ms, m.status, m.model_type, m.source_run_id";

    public const long Pending = 1;

    public static IReadOnlyList<(int Number, string Name)> Statuses { get; } =
        [(0, "LOGGED_MODEL_STATUS_UNSPECIFIED"), (1, "LOGGED_MODEL_PENDING"), (2, "LOGGED_MODEL_READY"), (3, "LOGGED_MODEL_UPLOAD_FAILED")];

    public List<KeyValue> Params { get; } = [];

    public List<KeyValue> Tags { get; } = [];

    public List<LoggedModelMetric> Metrics { get; } = [];

    public static LoggedModel Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetString(3), row.GetString(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetString(8), row.IsDBNull(9) ? null : row.GetString(9));

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("info");
        json.WriteString("model_id", Id);
        json.WriteString("experiment_id", ExperimentId.ToString(CultureInfo.InvariantCulture));
        json.WriteString("name", Name);
        json.WriteNumber("creation_timestamp_ms", Created);
        json.WriteNumber("last_updated_timestamp_ms", Updated);
        json.WriteString("artifact_uri", ArtifactUri);
        json.WriteString("status", Statuses[(int)Status].Name);
        json.WriteString("model_type", Type);
        json.WriteTextIfAny("source_run_id", SourceRunId);
        json.WritePairs("tags", Tags);
        json.WriteEndObject();
        json.WriteStartObject("data");
        json.WritePairs("params", Params);
        json.WriteList("metrics", Metrics, (writer, metric) => metric.Write(writer, Id));
        json.WriteEndObject();
        json.WriteEndObject();
    }
}

/// <summary>A metric's point on a logged model, with the run that logged it.</summary>
internal sealed record LoggedModelMetric(Metric Metric, string RunId, string? DatasetName, string? DatasetDigest)
{
    public void Write(Utf8JsonWriter json, string modelId)
    {
        json.WriteStartObject();
        Metric.WriteFields(json);
        json.WriteTextIfAny("dataset_name", DatasetName);
        json.WriteTextIfAny("dataset_digest", DatasetDigest);
        json.WriteString("model_id", modelId);
        json.WriteString("run_id", RunId);
        json.WriteEndObject();
    }
}
