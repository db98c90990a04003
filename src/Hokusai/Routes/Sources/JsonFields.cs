using System.Globalization;
using System.Text.Json;

namespace Hokusai.Routes.Sources;

/// <summary>Reads members of JSON that others wrote: what is absent is null, what has another form than it should is named.</summary>
internal static class JsonFields
{
    /// <exception cref="InvalidDataException">It is there and no text.</exception>
    public static string? Text(this JsonElement element, string name) => Member(element, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } value => value.GetRawText(),
        { } other => throw Odd(name, other, "a text"),
    };

    /// <exception cref="InvalidDataException">It is there and no whole number.</exception>
    public static int? Number(this JsonElement element, string name) => Text(element, name) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new InvalidDataException($"{name} '{text}': is no whole number");

    /// <exception cref="InvalidDataException">It is there and neither true nor false.</exception>
    public static bool? Flag(this JsonElement element, string name) => Text(element, name) is not { } text ? null
        : bool.TryParse(text, out var flag) ? flag : throw new InvalidDataException($"{name} '{text}': is neither true nor false");

    /// <exception cref="InvalidDataException">It is there and no object.</exception>
    public static JsonElement? Object(this JsonElement element, string name) => Member(element, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } found => found,
        { } other => throw Odd(name, other, "an object"),
    };

    /// <exception cref="InvalidDataException">It is there and no list.</exception>
    public static IReadOnlyList<JsonElement> Items(this JsonElement element, string name) => Member(element, name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } found => [.. found.EnumerateArray()],
        { } other => throw Odd(name, other, "a list"),
    };

    /// <exception cref="InvalidDataException">It is there and no list of texts.</exception>
    public static IReadOnlyList<string> Texts(this JsonElement element, string name) =>
        [.. Items(element, name).Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Odd(name, item, "a text"))];

    private static JsonElement? Member(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Odd(name, element, "an object around it");
        return element.TryGetProperty(name, out var found) && found.ValueKind != JsonValueKind.Null ? found : null;
    }

    private static InvalidDataException Odd(string name, JsonElement found, string wanted)
    {
        var raw = found.GetRawText();
        return new InvalidDataException($"{name} '{(raw.Length > 60 ? raw[..60] + "…" : raw)}': is not {wanted}");
    }
}
