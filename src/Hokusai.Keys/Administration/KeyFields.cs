using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Hokusai.Contracts.Keys;

namespace Hokusai.Keys.Administration;

/// <summary>Reads a body field by field. What it does not know it refuses: "scope" in place of "scopes" would make another key than was meant.</summary>
internal static class KeyFields
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a JSON object.</summary>
    /// <returns>The object, or null with the fault; nothing at all and <c>null</c> count as an empty one where that is allowed.</returns>
    public static (JsonObject? Fields, string? Fault) Parse(string text, bool mayBeEmpty = false)
    {
        if (mayBeEmpty && text.Length == 0) return ([], null);
        try
        {
            return JsonNode.Parse(text, null, Strict) switch
            {
                null => ([], null),
                JsonObject fields => (fields, null),
                _ => (null, "body: is no JSON object"),
            };
        }
        catch (JsonException)
        {
            return (null, "body: is no JSON, or has a field twice");
        }
    }

    /// <summary>Makes of fields what they describe.</summary>
    public static (T? Value, string? Fault) Bind<T>(JsonObject fields, JsonTypeInfo<T> type)
        where T : class
    {
        var known = type.Properties.Select(property => property.Name).ToList();
        if (fields.Select(field => field.Key).FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            return (null, $"{KeyRedactor.Redact(unknown)}: no such field; there are {string.Join(", ", known)}");
        try
        {
            return (fields.Deserialize(type), null);
        }
        catch (JsonException e)
        {
            // The message would repeat the value, which may be a key.
            return (null, $"{e.Path?.TrimStart('$', '.').Split('.', '[')[0]}: is not of its type; see /api/v1/keys/openapi.json");
        }
    }
}
