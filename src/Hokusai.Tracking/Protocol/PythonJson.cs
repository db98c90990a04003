using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hokusai.Tracking.Protocol;

/// <summary>JSON as Python's <c>json.dumps</c> spaces it. Some tags hold such text, and clients compare it as text.</summary>
internal static class PythonJson
{
    public static string Write(JsonNode? node)
    {
        var text = new StringBuilder();
        Write(node, text);
        return text.ToString();
    }

    private static void Write(JsonNode? node, StringBuilder text)
    {
        switch (node)
        {
            case JsonObject fields:
                WriteAll(text, '{', '}', fields, field =>
                {
                    WriteText(field.Key, text);
                    text.Append(": ");
                    Write(field.Value, text);
                });
                break;
            case JsonArray items:
                WriteAll(text, '[', ']', items, item => Write(item, text));
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                WriteValue(value, text);
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }

    private static void WriteValue(JsonValue value, StringBuilder text)
    {
        string plain;
        try
        {
            plain = value.GetValue<string>();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is no text here, though Python writes it: it stays escaped, as it came.
            text.Append(value.GetValue<JsonElement>().GetRawText());
            return;
        }
        WriteText(plain, text);
    }

    private static void WriteText(string value, StringBuilder text)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' or '\\' => text.Append('\\').Append(c),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' or > '~' => text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => text.Append(c),
            };
        }
        text.Append('"');
    }

    private static void WriteAll<T>(StringBuilder text, char open, char close, IEnumerable<T> items, Action<T> write)
    {
        text.Append(open);
        var first = true;
        foreach (var item in items)
        {
            if (!first) text.Append(", ");
            first = false;
            write(item);
        }
        text.Append(close);
    }
}
