using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Registry;

/// <summary>A registered model: a name under which versions stand. Times are milliseconds since 1970.</summary>
internal sealed record RegisteredModel(long Pk, string Name, long Created, long Updated, string Description)
{
    public const string Columns = "m.model_pk, m.name, m.creation_time, m.last_updated_time, m.description";

    /// <summary>For each stage the highest version in it.</summary>
    public List<ModelVersion> LatestVersions { get; } = [];

    public List<KeyValue> Tags { get; } = [];

    public List<(string Alias, long Version)> Aliases { get; } = [];

    public static RegisteredModel Read(DbDataReader row) => new(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetString(4));

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", Name);
        json.WriteNumber("creation_timestamp", Created);
        json.WriteNumber("last_updated_timestamp", Updated);
        json.WriteTextIfAny("description", Description);
        json.WriteList("latest_versions", LatestVersions, static (writer, version) => version.Write(writer));
        json.WritePairs("tags", Tags);
        json.WriteList("aliases", Aliases, static (writer, alias) =>
        {
            writer.WriteStartObject();
            writer.WriteString("alias", alias.Alias);
            writer.WriteString("version", alias.Version.ToString(CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        });
        json.WriteEndObject();
    }
}

/// <summary>A version of a registered model. Its number is never given again.</summary>
internal sealed record ModelVersion(
    long ModelPk, string Name, long Version, long Created, long Updated, string Description, string UserId, string Stage, string Source, string StorageLocation, string RunId, string RunLink)
{
    public const string Columns = "v.model_pk, m.name, v.version, v.creation_time, v.last_updated_time, v.description, v.user_id, v.stage, v.source, v.storage_location, v.run_id, v.run_link";

    public const string From = "model_versions v JOIN registered_models m ON m.model_pk = v.model_pk";

    public List<KeyValue> Tags { get; } = [];

    public List<string> Aliases { get; } = [];

    public static ModelVersion Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetString(5), row.GetString(6), row.GetString(7), row.GetString(8), row.GetString(9), row.GetString(10), row.GetString(11));

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", Name);
        json.WriteString("version", Version.ToString(CultureInfo.InvariantCulture));
        json.WriteNumber("creation_timestamp", Created);
        json.WriteNumber("last_updated_timestamp", Updated);
        json.WriteTextIfAny("user_id", UserId);
        json.WriteString("current_stage", Stage);
        json.WriteString("description", Description);
        json.WriteString("source", Source);
        json.WriteString("run_id", RunId);
        // A version is ready at once: its files were uploaded before it was made.
        json.WriteString("status", "READY");
        json.WritePairs("tags", Tags);
        json.WriteString("run_link", RunLink);
        json.WriteList("aliases", Aliases, static (writer, alias) => writer.WriteStringValue(alias));
        json.WriteEndObject();
    }
}

/// <summary>The stages of model versions.</summary>
internal static class Stages
{
    public const string None = "None";
    public const string Archived = "Archived";

    private static readonly string[] All = [None, "Staging", "Production", Archived];

    /// <summary>The stage's own spelling of a name in any case.</summary>
    public static string Parse(string name) => Array.Find(All, stage => stage.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw ApiException.Invalid($"Invalid Model Version stage: {name}. Value must be one of {string.Join(", ", All)}.");

    public static bool CanArchiveOthers(string stage) => stage is "Staging" or "Production";
}
