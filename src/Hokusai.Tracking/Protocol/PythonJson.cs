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
                    text.Append(JsonSerializer.Serialize(field.Key)).Append(": ");
                    Write(field.Value, text);
                });
                break;
            case JsonArray items:
                WriteAll(text, '[', ']', items, item => Write(item, text));
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
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
