using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Runs;

/// <summary>What is known of a run besides its data. <paramref name="Pk"/> is the database's own number for it.</summary>
internal sealed record RunInfo(long Pk, string Id, long ExperimentId, string Name, string UserId, string Status, long StartTime, long? EndTime, string ArtifactUri, string Stage)
{
    public const string Columns = "r.run_pk, r.run_id, r.experiment_id, r.run_name, r.user_id, r.status, r.start_time, r.end_time, r.artifact_uri, r.lifecycle_stage";

    public static IReadOnlyList<(int Number, string Name)> Statuses { get; } = [(1, "RUNNING"), (2, "SCHEDULED"), (3, "FINISHED"), (4, "FAILED"), (5, "KILLED")];

    public static RunInfo Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetInt64(6), row.IsDBNull(7) ? null : row.GetInt64(7), row.GetString(8), row.GetString(9));

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("run_uuid", Id);
        json.WriteString("experiment_id", ExperimentId.ToString(CultureInfo.InvariantCulture));
        json.WriteString("run_name", Name);
        json.WriteString("user_id", UserId);
        json.WriteString("status", Status);
        json.WriteNumber("start_time", StartTime);
        if (EndTime is > 0) json.WriteNumber("end_time", EndTime.Value);
        json.WriteString("artifact_uri", ArtifactUri);
        json.WriteString("lifecycle_stage", Stage);
        json.WriteString("run_id", Id);
        json.WriteEndObject();
    }
}

/// <summary>A run with its latest metrics, parameters, tags, and what went in and came out.</summary>
internal sealed class Run(RunInfo info)
{
    public RunInfo Info { get; } = info;

    public List<Metric> Metrics { get; } = [];

    public List<KeyValue> Params { get; } = [];

    public List<KeyValue> Tags { get; } = [];

    public List<DatasetInput> Datasets { get; } = [];

    public List<ModelLink> InputModels { get; } = [];

    public List<ModelLink> OutputModels { get; } = [];

    /// <summary>Writes the run as MLflow 3 does, or as MLflow 2 does, which knows no outputs.</summary>
    public void Write(Utf8JsonWriter json, bool inputs, bool outputs)
    {
        json.WriteStartObject();
        json.WritePropertyName("info");
        Info.Write(json);
        json.WriteStartObject("data");
        json.WriteList("metrics", Metrics, static (writer, metric) => metric.Write(writer));
        json.WritePairs("params", Params);
        json.WritePairs("tags", Tags);
        json.WriteEndObject();
        if (inputs)
        {
            json.WriteStartObject("inputs");
            json.WriteList("dataset_inputs", Datasets, static (writer, dataset) => dataset.Write(writer));
            json.WriteList("model_inputs", InputModels, static (writer, link) => link.Write(writer, withStep: false));
            json.WriteEndObject();
        }
        if (outputs)
        {
            json.WriteStartObject("outputs");
            json.WriteList("model_outputs", OutputModels, static (writer, link) => link.Write(writer, withStep: true));
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}

/// <summary>A logged model that a run took or made.</summary>
internal sealed record ModelLink(string ModelId, long Step)
{
    public void Write(Utf8JsonWriter json, bool withStep)
    {
        json.WriteStartObject();
        json.WriteString("model_id", ModelId);
        if (withStep) json.WriteNumber("step", Step);
        json.WriteEndObject();
    }
}
