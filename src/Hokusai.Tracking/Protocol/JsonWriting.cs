using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Hokusai.Tracking.Protocol;

/// <summary>What MLflow's JSON asks for besides the writer's own methods.</summary>
internal static class JsonWriting
{
    // Clients and MLflow's own tests compare error texts raw: an apostrophe must stay one.
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static void WriteTextIfAny(this Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) json.WriteString(name, value);
    }

    /// <summary>Whole numbers keep a <c>.0</c>, NaN is a text.</summary>
    public static void WriteDouble(this Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        if (!double.IsFinite(value))
        {
            json.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
            return;
        }
        Span<char> text = stackalloc char[32];
        value.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture);
        if (text[..length].IndexOfAny('.', 'E') < 0)
        {
            text[length++] = '.';
            text[length++] = '0';
        }
        json.WriteRawValue(text[..length], skipInputValidation: true);
    }

    public static void WritePairs(this Utf8JsonWriter json, string name, IReadOnlyCollection<KeyValue> pairs)
    {
        if (pairs.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var pair in pairs)
        {
            json.WriteStartObject();
            json.WriteString("key", pair.Key);
            json.WriteString("value", pair.Value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>A list under its name, left out when it is empty, as protobuf's JSON does.</summary>
    public static void WriteList<T>(this Utf8JsonWriter json, string name, IReadOnlyCollection<T> items, Action<Utf8JsonWriter, T> write)
    {
        if (items.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var item in items) write(json, item);
        json.WriteEndArray();
    }
}
