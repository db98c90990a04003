using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Hokusai.SystemTests.Conformance;

/// <summary>What a server answered to one step.</summary>
internal sealed class ScenarioAnswer(int status, string contentType, byte[] body)
{
    private readonly JsonElement _content = Parse(contentType, body);

    private bool IsObject => _content.ValueKind == JsonValueKind.Object;

    /// <summary>Binds what the step wants to keep of a good answer, then compares.</summary>
    /// <returns>The first difference in words, or null if there is none.</returns>
    public string? DifferenceFrom(ScenarioStep step, Placeholders names)
    {
        if (status < 400 && IsObject && Save(step, names) is { } fault) return fault;
        var expected = step.Expect;
        if (status != expected.Status) return $"status {status}, expected {expected.Status}: {Beginning()}";
        if (expected.Json is { } json) return JsonDifference.Find(json, _content, names);
        if (expected.Text is { } text) return _content.ValueKind == JsonValueKind.String && _content.GetString() == text ? null : $"other text: {Beginning()}";
        if (expected.Bytes is { } bytes) return body.AsSpan().SequenceEqual(bytes) ? null : $"other bytes ({body.Length} instead of {bytes.Length}): {Beginning()}";
        return null;
    }

    private string? Save(ScenarioStep step, Placeholders names)
    {
        foreach (var (name, path) in step.Save)
        {
            if (Pick(path) is not { } value) return $"nothing to save as {name}: no {path} in {Beginning()}";
            names.Bind(name, value.ToString());
        }
        return null;
    }

    private JsonElement? Pick(string path)
    {
        var value = _content;
        foreach (var part in path.Split('.'))
        {
            if (value.ValueKind == JsonValueKind.Array && int.TryParse(part, CultureInfo.InvariantCulture, out var i) && i < value.GetArrayLength()) value = value[i];
            else if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(part, out value)) return null;
        }
        return value;
    }

    private string Beginning()
    {
        var text = Encoding.UTF8.GetString(body);
        return text.Length <= 160 ? text : text[..160] + "…";
    }

    // What is no JSON becomes a JSON text, so that there is one kind of content to compare.
    private static JsonElement Parse(string contentType, byte[] body)
    {
        if (!contentType.Contains("json", StringComparison.OrdinalIgnoreCase)) return JsonSerializer.SerializeToElement(Encoding.UTF8.GetString(body));
        try
        {
            return body.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(body);
        }
        catch (JsonException e)
        {
            return JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["not JSON"] = e.Message });
        }
    }
}
