using System.Globalization;
using System.Text.Json;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Experiments;

/// <summary>An experiment: a named group of runs. Times are milliseconds since 1970.</summary>
internal sealed record Experiment(long Id, string Name, string ArtifactLocation, string Stage, long Created, long Updated)
{
    public List<KeyValue> Tags { get; } = [];

    public bool IsActive => Stage == LifecycleStage.Active;

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("experiment_id", Id.ToString(CultureInfo.InvariantCulture));
        json.WriteString("name", Name);
        json.WriteString("artifact_location", ArtifactLocation);
        json.WriteString("lifecycle_stage", Stage);
        json.WriteNumber("last_update_time", Updated);
        json.WriteNumber("creation_time", Created);
        json.WritePairs("tags", Tags);
        json.WriteEndObject();
    }
}

/// <summary>Experiments, runs and logged models are not removed but marked.</summary>
internal static class LifecycleStage
{
    public const string Active = "active";
    public const string Deleted = "deleted";

    public static IReadOnlyList<(int Number, string Name)> Views { get; } = [(1, ActiveOnly), (2, DeletedOnly), (3, All)];

    public const string ActiveOnly = "ACTIVE_ONLY";
    public const string DeletedOnly = "DELETED_ONLY";
    public const string All = "ALL";

    /// <summary>The condition that a view sets on a table's <c>lifecycle_stage</c>.</summary>
    public static string Condition(string view, string table) => view switch
    {
        All => "1 = 1",
        DeletedOnly => $"{table}.lifecycle_stage = '{Deleted}'",
        _ => $"{table}.lifecycle_stage = '{Active}'",
    };
}
