using System.Text.Json;

namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>A resource of the applied state, or a block within one.</summary>
/// <param name="Address">Its address, such as <c>aws_lb.this</c>.</param>
/// <param name="Type">Its type; that of the resource around it for a block.</param>
/// <param name="Values">Its attributes and blocks.</param>
internal sealed record StateResource(string Address, string Type, JsonElement Values)
{
    /// <summary>The resources that were there before it was made, by address without instance keys, with those that these needed.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>An attribute as text, numbers and flags too; empty if it is not set.</summary>
    public string Text(string name) => Values.TryGetProperty(name, out var value) ? Text(value) : "";

    /// <summary>An attribute as a number; null if it is none.</summary>
    public double? Number(string name) => double.TryParse(Text(name), System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;

    public bool Flag(string name) => Text(name) == "true";

    /// <summary>The elements of a list or set of plain values.</summary>
    public IReadOnlyList<string> Texts(string name) => Values.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(Text)] : [];

    /// <summary>The blocks of a name.</summary>
    public IReadOnlyList<StateResource> Blocks(string name) => Values.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
        ? [.. list.EnumerateArray().Where(block => block.ValueKind == JsonValueKind.Object).Select(block => this with { Values = block })] : [];

    /// <summary>A map of texts.</summary>
    public IReadOnlyDictionary<string, string> Map(string name) => Values.TryGetProperty(name, out var map) && map.ValueKind == JsonValueKind.Object
        ? map.EnumerateObject().ToDictionary(entry => entry.Name, entry => Text(entry.Value), StringComparer.Ordinal) : new Dictionary<string, string>();

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "",
    };
}
