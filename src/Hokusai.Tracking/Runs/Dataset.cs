using System.Text.Json;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Runs;

/// <summary>A dataset, the same whenever name and digest are.</summary>
internal sealed record Dataset(string Name, string Digest, string SourceType, string Source, string? Schema, string? Profile);

/// <summary>A dataset that went into a run, with the tags of that use.</summary>
internal sealed record DatasetInput(Dataset Dataset, IReadOnlyList<KeyValue> Tags)
{
    public static DatasetInput From(RequestMessage message)
    {
        var dataset = message.Message("dataset") ?? throw ApiException.Missing("datasets.dataset");
        var tags = message.Pairs("tags");
        foreach (var tag in tags)
        {
            Rules.NotLonger("input tag key", tag.Key, 255);
            Rules.NotLonger("input tag value", tag.Value, 500);
        }
        return new DatasetInput(
            new Dataset(
                Rules.NotLonger("dataset name", dataset.RequiredText("name"), 500),
                Rules.NotLonger("dataset digest", dataset.Text("digest") ?? "", 36),
                Rules.NotLonger("dataset source_type", dataset.Text("source_type") ?? "", 36),
                Rules.NotLonger("dataset source", dataset.Text("source") ?? "", 65_535),
                dataset.Text("schema") is { } schema ? Rules.NotLonger("dataset schema", schema, 1_048_575) : null,
                dataset.Text("profile") is { } profile ? Rules.NotLonger("dataset profile", profile, 16_777_215) : null),
            tags);
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePairs("tags", Tags);
        json.WriteStartObject("dataset");
        json.WriteString("name", Dataset.Name);
        json.WriteString("digest", Dataset.Digest);
        json.WriteString("source_type", Dataset.SourceType);
        json.WriteString("source", Dataset.Source);
        json.WriteTextIfAny("schema", Dataset.Schema);
        json.WriteTextIfAny("profile", Dataset.Profile);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
