using System.Globalization;
using System.Text.Json;

namespace Hokusai.Routes.Sources;

/// <summary>Attributes of a resource in a state. The provider writes some numbers as texts, and null for what was left out.</summary>
internal static class StateValue
{
    /// <summary>A text, or a number as text; null if there is none.</summary>
    public static string? Text(JsonElement of, string name) => Find(of, name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    /// <summary>A whole number, also one written as text; null if there is none.</summary>
    public static int? Number(JsonElement of, string name) =>
        int.TryParse(Text(of, name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A flag, also one written as text; null if there is none.</summary>
    public static bool? Flag(JsonElement of, string name) => Find(of, name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.String } text when bool.TryParse(text.GetString(), out var flag) => flag,
        _ => null,
    };

    /// <summary>The items of a list or set; none if there is none.</summary>
    public static IEnumerable<JsonElement> List(JsonElement of, string name) => Find(of, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The texts of a list or set.</summary>
    public static IReadOnlyList<string> Texts(JsonElement of, string name) => [.. List(of, name).Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)];

    /// <summary>The only block of a kind; null if there is none.</summary>
    public static JsonElement? Block(JsonElement of, string name) => Find(of, name) switch
    {
        { ValueKind: JsonValueKind.Object } block => block,
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() > 0 && list[0].ValueKind == JsonValueKind.Object => list[0],
        _ => null,
    };

    private static JsonElement? Find(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) ? value : null;
}
