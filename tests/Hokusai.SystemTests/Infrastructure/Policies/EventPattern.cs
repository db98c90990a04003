using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>Whether EventBridge would take an event by a pattern ("Event pattern syntax" and "Comparison operators" of AWS), as far as patterns here go: exact texts, <c>wildcard</c> and <c>$or</c>.</summary>
internal static class EventPattern
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);

    /// <exception cref="NotSupportedException">The pattern has another operator.</exception>
    public static bool Takes(JsonElement pattern, JsonElement happened) => pattern.EnumerateObject().All(field => field.Name == "$or"
        ? field.Value.EnumerateArray().Any(choice => Takes(choice, happened))
        : happened.TryGetProperty(field.Name, out var value) && Field(field.Value, value));

    private static bool Field(JsonElement wanted, JsonElement value)
    {
        if (wanted.ValueKind == JsonValueKind.Object) return value.ValueKind == JsonValueKind.Object && Takes(wanted, value);
        // Of a list one element is enough.
        if (value.ValueKind == JsonValueKind.Array) return value.EnumerateArray().Any(element => Field(wanted, element));
        return wanted.EnumerateArray().Any(choice => One(choice, value.GetString()!));
    }

    private static bool One(JsonElement choice, string text)
    {
        if (choice.ValueKind == JsonValueKind.String) return choice.GetString() == text;
        if (choice.ValueKind != JsonValueKind.Object || !choice.TryGetProperty("wildcard", out var wildcard)) throw new NotSupportedException($"{choice.GetRawText()}: this operator is not known here; add it with AWS's own examples");
        var expression = string.Join(".*", wildcard.GetString()!.Split('*').Select(Regex.Escape));
        return Regex.IsMatch(text, $"^(?:{expression})$", RegexOptions.Singleline | RegexOptions.CultureInvariant, Deadline);
    }
}
