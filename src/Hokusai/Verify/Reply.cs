using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hokusai.Verify;

/// <summary>A JSON answer that remembers to which request, so that what is missing in it can be reported.</summary>
internal sealed record Reply(string Call, JsonObject Json)
{
    public static Reply Parse(string call, string body)
    {
        try
        {
            if (JsonNode.Parse(body) is JsonObject json) return new Reply(call, json);
        }
        catch (JsonException)
        {
            // Reported below, like JSON that is no object: MLflow's client accepts neither.
        }
        throw new StepFailedException($"{call}: answered 200, but not with a JSON object");
    }

    /// <summary>The text at a path such as <c>run.info.run_id</c>.</summary>
    public string Text(string path) => Find(path) is JsonValue value && value.GetValueKind() == JsonValueKind.String
        ? value.GetValue<string>()
        : throw new StepFailedException($"{Call}: the answer holds no text at {path}");

    /// <summary>The objects of the list at a path. An absent list is an empty one.</summary>
    public IReadOnlyList<JsonObject> List(string path) => Find(path) is JsonArray list ? [.. list.OfType<JsonObject>()] : [];

    /// <summary>Key and value of a list of parameters or tags.</summary>
    public IReadOnlyDictionary<string, string?> Pairs(string path) =>
        List(path).ToDictionary(pair => pair["key"]?.ToString() ?? "", pair => pair["value"]?.ToString(), StringComparer.Ordinal);

    /// <summary>Fails unless the text at the path is the expected one.</summary>
    public void Expect(string path, string expected)
    {
        var found = Text(path);
        if (found != expected) throw new StepFailedException($"{Call}: {path} is '{found}', expected '{expected}'");
    }

    private JsonNode? Find(string path)
    {
        JsonNode? node = Json;
        foreach (var name in path.Split('.')) node = (node as JsonObject)?[name];
        return node;
    }
}
