using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Search;

/// <summary>What a search answers to a comparison that it can't make. The opening words are the ones that MLflow's users know.</summary>
internal static class FilterFaults
{
    public static ApiException InvalidEntity(string entity, params string[] valid) =>
        ApiException.Invalid($"Invalid entity type '{entity}'. Valid entity types are {string.Join(", ", valid)}");

    public static ApiException InvalidAttribute(string key, IEnumerable<string> valid) =>
        ApiException.Invalid($"Invalid attribute key '{key}' specified. Valid keys are {string.Join(", ", valid)}");

    public static ApiException InvalidComparator(Comparison comparison, string valid) =>
        ApiException.Invalid($"Invalid comparator '{comparison.Comparator}' for '{comparison.Key}'. Valid comparators are {valid}");

    /// <summary>Requires a comparison of texts, with a quoted text on the right.</summary>
    public static void RequireText(Comparison comparison, string what, bool lists = false)
    {
        if (!comparison.IsText && !(lists && comparison.IsList)) throw InvalidComparator(comparison, lists ? "=, !=, LIKE, ILIKE, IN, NOT IN" : "=, !=, LIKE, ILIKE");
        var expected = comparison.IsList ? ValueKind.List : ValueKind.Quoted;
        if (comparison.Value.Kind == expected) return;
        throw comparison.Value.Kind == ValueKind.Bare
            ? ApiException.Invalid($"Parameter value is either not quoted or unidentified quote types used for string value {comparison.Value.Text}. Use either single or double quotes.")
            : ApiException.Invalid($"Expected a quoted string value for {what} (e.g. 'my-value'). Got value {comparison.Value.Text}");
    }

    /// <summary>Requires a comparison of numbers, with a number on the right.</summary>
    public static void RequireNumber(Comparison comparison, string what)
    {
        if (!comparison.IsNumeric) throw InvalidComparator(comparison, "=, !=, <, <=, >, >=");
        if (comparison.Value.Kind != ValueKind.Number) throw ApiException.Invalid($"Expected numeric value type for {what}. Found {comparison.Value.Text}");
    }
}
