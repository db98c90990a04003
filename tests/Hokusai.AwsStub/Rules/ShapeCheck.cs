using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hokusai.AwsStub.Rules;

/// <summary>Compares values with the shapes of a service's description.</summary>
/// <param name="models">The descriptions.</param>
/// <param name="newer">What AWS takes since those descriptions were written, by shape.</param>
internal sealed class ShapeCheck(ServiceModels models, IReadOnlyDictionary<string, string[]> newer)
{
    private static readonly TimeSpan PatternDeadline = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with a plain value; null if nothing is.</summary>
    public string? Plain(string shapeName, object value)
    {
        var shape = models.Shape(shapeName);
        var text = Convert.ToString(value, CultureInfo.InvariantCulture)!;
        if (shape.TryGetProperty("enum", out var members))
        {
            string[] allowed = [.. members.EnumerateArray().Select(member => member.GetString()!), .. newer.GetValueOrDefault(shapeName, [])];
            return allowed.Contains(text, StringComparer.Ordinal) ? null : $"\"{text}\" is not one of {string.Join(", ", allowed)}";
        }
        var isText = shape.GetProperty("type").GetString() == "string";
        var size = isText ? text.Length : double.Parse(text, CultureInfo.InvariantCulture);
        var what = isText ? $"\"{text}\" has {text.Length} characters" : text;
        if (Limit(shape, "min") is { } min && size < min) return $"{what}: at least {min} is needed";
        if (Limit(shape, "max") is { } max && size > max) return $"{what}: at most {max} is allowed";
        // AWS's patterns are meant for the whole value, whether they say so or not.
        if (shape.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(text, $"^(?:{pattern.GetString()})$", RegexOptions.CultureInvariant, PatternDeadline)) return $"\"{text}\" does not match {pattern.GetString()}";
        return null;
    }

    /// <summary>What is wrong with a JSON document, each with where in it.</summary>
    public IEnumerable<string> Document(string shapeName, JsonElement value, string at = "$")
    {
        var service = shapeName[..shapeName.IndexOf('.', StringComparison.Ordinal)];
        var shape = models.Shape(shapeName);
        string Name(JsonElement reference) => $"{service}.{reference.GetProperty("shape").GetString()}";
        switch (shape.GetProperty("type").GetString(), value.ValueKind)
        {
            // What is null counts as left out.
            case (_, JsonValueKind.Null):
                return [];
            case ("list", JsonValueKind.Array):
                return value.EnumerateArray().SelectMany((element, index) => Document(Name(shape.GetProperty("member")), element, $"{at}[{index}]"));
            case ("map", JsonValueKind.Object):
                return value.EnumerateObject().SelectMany(property => Document(Name(shape.GetProperty("value")), property.Value, $"{at}.{property.Name}"));
            case ("structure", JsonValueKind.Object):
                return Structure(shapeName, shape, value, at, Name);
            case ("boolean", JsonValueKind.True or JsonValueKind.False):
                return [];
            case ("integer" or "long" or "double" or "float", JsonValueKind.Number):
                return Plain(shapeName, value.GetDouble()) is { } number ? [$"{at}: {number}"] : [];
            case ("string", JsonValueKind.String):
                return Plain(shapeName, value.GetString()!) is { } text ? [$"{at}: {text}"] : [];
            default:
                return [$"{at}: {value.GetRawText()} is no {shape.GetProperty("type").GetString()}"];
        }
    }

    private IEnumerable<string> Structure(string shapeName, JsonElement shape, JsonElement value, string at, Func<JsonElement, string> name)
    {
        var members = shape.GetProperty("members");
        foreach (var property in value.EnumerateObject())
        {
            if (members.TryGetProperty(property.Name, out var member)) foreach (var found in Document(name(member), property.Value, $"{at}.{property.Name}")) yield return found;
            else if (!newer.GetValueOrDefault(shapeName, []).Contains(property.Name, StringComparer.Ordinal)) yield return $"{at}.{property.Name}: there is no such field";
        }
        if (!shape.TryGetProperty("required", out var required)) yield break;
        foreach (var missing in required.EnumerateArray().Where(field => !value.TryGetProperty(field.GetString()!, out _))) yield return $"{at}.{missing.GetString()} is missing";
    }

    private static double? Limit(JsonElement shape, string name) => shape.TryGetProperty(name, out var limit) ? limit.GetDouble() : null;
}
