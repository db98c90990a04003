using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hokusai.SystemTests.Conformance;

/// <summary>
/// Compares an answer with what was recorded. Objects match exactly, numbers by value, lists in order unless their items
/// have a <c>key</c>; a recorded text may be a placeholder (see <see cref="Placeholders"/> and <see cref="Marker"/>).
/// </summary>
internal static partial class JsonDifference
{
    /// <summary>The first difference in words, or null if there is none.</summary>
    /// <param name="wanted">What was recorded.</param>
    /// <param name="got">What was answered.</param>
    /// <param name="names">Bound where they are met first.</param>
    /// <param name="at">Where in the answer this is.</param>
    public static string? Find(JsonElement wanted, JsonElement got, Placeholders names, string at = "$") => wanted.ValueKind switch
    {
        JsonValueKind.Object => OfObjects(wanted, got, names, at),
        JsonValueKind.Array => OfLists(wanted, got, names, at),
        JsonValueKind.String => OfTexts(wanted.GetString()!, got, names, at),
        JsonValueKind.Number when got.ValueKind == JsonValueKind.Number => SameNumber(wanted, got) ? null : Other(wanted, got, at),
        _ => wanted.ValueKind == got.ValueKind ? null : Other(wanted, got, at),
    };

    private static string? OfObjects(JsonElement wanted, JsonElement got, Placeholders names, string at)
    {
        if (got.ValueKind != JsonValueKind.Object) return $"{at}: expected an object, got {Short(got)}";
        foreach (var field in wanted.EnumerateObject())
        {
            if (!got.TryGetProperty(field.Name, out var value)) return $"{at}.{field.Name}: missing";
            if (Find(field.Value, value, names, $"{at}.{field.Name}") is { } difference) return difference;
        }
        var besides = got.EnumerateObject().Select(field => field.Name).Where(name => !wanted.TryGetProperty(name, out _)).ToList();
        return besides.Count > 0 ? $"{at}: has {string.Join(", ", besides)} besides" : null;
    }

    private static string? OfLists(JsonElement wanted, JsonElement got, Placeholders names, string at)
    {
        if (got.ValueKind != JsonValueKind.Array || got.GetArrayLength() != wanted.GetArrayLength())
            return $"{at}: expected {wanted.GetArrayLength()} items, got {Short(got)}";
        IEnumerable<JsonElement> left = wanted.EnumerateArray(), right = got.EnumerateArray();
        if (left.All(item => item.ValueKind == JsonValueKind.Object && item.TryGetProperty("key", out _)) && right.All(item => item.ValueKind == JsonValueKind.Object))
            (left, right) = (Sorted(left), Sorted(right));
        return left.Zip(right).Select((pair, i) => Find(pair.First, pair.Second, names, $"{at}[{i}]")).FirstOrDefault(difference => difference is not null);
    }

    private static string? OfTexts(string wanted, JsonElement got, Placeholders names, string at)
    {
        var text = got.ValueKind == JsonValueKind.String ? got.GetString()! : null;
        return wanted switch
        {
            Marker.Any => null,
            Marker.Integer => IsInteger(got) ? null : $"{at}: expected an integer, got {Short(got)}",
            Marker.Text => text is { Length: > 0 } ? null : $"{at}: expected a text, got {Short(got)}",
            Marker.RunName => text is not null && RunName().IsMatch(text) ? null : $"{at}: expected a generated run name, got {Short(got)}",
            _ => text is not null && names.Match(wanted, text) ? null : $"{at}: expected {names.Fill(wanted)}, got {Short(got)}",
        };
    }

    private static bool IsInteger(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.GetRawText().AsSpan().IndexOfAny(".eE") < 0;

    // Two integers above 2^53 may be the same double, so integers are compared as such.
    private static bool SameNumber(JsonElement left, JsonElement right)
    {
        if (left.TryGetInt64(out var a) && right.TryGetInt64(out var b)) return a == b;
        return left.GetDouble().Equals(right.GetDouble());
    }

    private static IEnumerable<JsonElement> Sorted(IEnumerable<JsonElement> items) => items
        .OrderBy(item => Rank(item, "key"), StringComparer.Ordinal)
        .ThenBy(item => Rank(item, "step"), StringComparer.Ordinal)
        .ThenBy(item => Rank(item, "timestamp"), StringComparer.Ordinal)
        .ThenBy(item => Rank(item, "value"), StringComparer.Ordinal);

    // Numbers rank by value: 1 and 1.0 must come to stand at the same place.
    private static string Rank(JsonElement item, string field) => !item.TryGetProperty(field, out var value) ? ""
        : value.ValueKind != JsonValueKind.Number ? value.ToString()
        : value.TryGetInt64(out var whole) ? whole.ToString(CultureInfo.InvariantCulture)
        : value.GetDouble().ToString("R", CultureInfo.InvariantCulture);

    private static string Other(JsonElement wanted, JsonElement got, string at) => $"{at}: expected {Short(wanted)}, got {Short(got)}";

    private static string Short(JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.Undefined ? "nothing" : value.GetRawText();
        return text.Length <= 120 ? text : text[..120] + "…";
    }

    [GeneratedRegex(@"\A[a-z]+-[a-z]+-[0-9]{1,4}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RunName();

    /// <summary>Recorded texts that stand for any value of a kind.</summary>
    private static class Marker
    {
        public const string Any = "<<any>>";
        public const string Integer = "<<int>>";
        public const string Text = "<<text>>";
        public const string RunName = "<<run_name>>";
    }
}
