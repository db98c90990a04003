using System.Data.Common;
using System.Text.Json;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Runs;

/// <summary>One point of a metric. A database can't compare NaN, so it is kept as 0 and a flag; infinities as the largest numbers.</summary>
internal readonly record struct Metric(string Key, double Value, long Timestamp, long Step, bool IsNaN)
{
    /// <summary>Reads key, value, timestamp, step, is_nan.</summary>
    public static Metric Read(DbDataReader row) => new(row.GetString(0), row.GetDouble(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4) != 0);

    /// <summary>The point as it is stored.</summary>
    public static Metric Storable(string key, double value, long timestamp, long step) => double.IsNaN(value)
        ? new Metric(key, 0, timestamp, step, IsNaN: true)
        // -0.0 and 0.0 are one value, so that they are one point.
        : new Metric(key, Math.Clamp(value, double.MinValue, double.MaxValue) + 0.0, timestamp, step, IsNaN: false);

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteFields(json);
        json.WriteEndObject();
    }

    public void WriteFields(Utf8JsonWriter json)
    {
        json.WriteString("key", Key);
        json.WriteDouble("value", IsNaN ? double.NaN : Value);
        json.WriteNumber("timestamp", Timestamp);
        json.WriteNumber("step", Step);
    }
}

/// <summary>A point as a client logs it: perhaps also for a logged model, perhaps on a dataset.</summary>
internal sealed record MetricEntry(Metric Metric, string? ModelId, string? DatasetName, string? DatasetDigest)
{
    public static MetricEntry From(RequestMessage message)
    {
        var key = Rules.Key("metric", message.RequiredText("key"));
        var value = message.RequiredNumber("value");
        var timestamp = Rules.Timestamp(message.RequiredInt64("timestamp"));
        var (name, digest) = (message.Text("dataset_name"), message.Text("dataset_digest"));
        if (string.IsNullOrEmpty(name) != string.IsNullOrEmpty(digest)) throw ApiException.Invalid("Both or neither of dataset_name and dataset_digest must be specified");
        return new MetricEntry(Metric.Storable(key, value, timestamp, message.Int64("step") ?? 0), message.Text("model_id"), name, digest);
    }
}
