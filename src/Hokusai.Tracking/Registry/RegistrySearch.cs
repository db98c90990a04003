using Hokusai.Tracking.Protocol;
using Hokusai.Tracking.Search;

namespace Hokusai.Tracking.Registry;

/// <summary>Filters and order of the registry's searches. Models are <c>m</c>, versions <c>v</c>.</summary>
internal static class RegistrySearch
{
    private const string PromptTag = "mlflow.prompt.is_prompt";

    private static readonly Dictionary<string, string> ModelOrder = new(StringComparer.Ordinal)
    {
        ["name"] = "m.name",
        ["timestamp"] = "m.last_updated_time",
        ["last_updated_timestamp"] = "m.last_updated_time",
        ["creation_timestamp"] = "m.creation_time",
    };

    private static readonly Dictionary<string, string> VersionText = new(StringComparer.Ordinal)
    {
        ["name"] = "m.name",
        ["source_path"] = "v.source",
        ["run_id"] = "v.run_id",
    };

    private static readonly Dictionary<string, string> VersionOrder = new(StringComparer.Ordinal)
    {
        ["name"] = "m.name",
        ["version_number"] = "v.version",
        ["creation_timestamp"] = "v.creation_time",
        ["last_updated_timestamp"] = "v.last_updated_time",
    };

    public static void FilterModels(SqlQuery query, string? filter)
    {
        const string IsPrompt = $"SELECT 1 FROM registered_model_tags t WHERE t.model_pk = m.model_pk AND t.key = '{PromptTag}' AND lower(t.value) = 'true'";
        foreach (var comparison in WithoutPrompts(query, FilterParser.Parse(filter), IsPrompt))
        {
            if (comparison.Entity is "tag" or "tags")
            {
                FilterFaults.RequireText(comparison, "tag");
                query.Where($"EXISTS (SELECT 1 FROM registered_model_tags t WHERE t.model_pk = m.model_pk AND t.key = {query.Value(comparison.Key)} AND {query.Compare("t.value", comparison.Comparator, comparison.Value)})");
                continue;
            }
            RequireAttribute(comparison, ["name"]);
            FilterFaults.RequireText(comparison, "attributes");
            query.Where(query.Compare("m.name", comparison.Comparator, comparison.Value));
        }
    }

    public static void FilterVersions(SqlQuery query, string? filter)
    {
        // One prompt version hides all versions of its name.
        const string IsPrompt = $"SELECT 1 FROM model_version_tags t WHERE t.model_pk = v.model_pk AND t.key = '{PromptTag}' AND lower(t.value) = 'true'";
        query.Where("v.deleted = 0");
        foreach (var comparison in WithoutPrompts(query, FilterParser.Parse(filter), IsPrompt))
        {
            if (comparison.Entity is "tag" or "tags")
            {
                FilterFaults.RequireText(comparison, "tag");
                query.Where($"EXISTS (SELECT 1 FROM model_version_tags t WHERE t.model_pk = v.model_pk AND t.version = v.version AND t.key = {query.Value(comparison.Key)} AND {query.Compare("t.value", comparison.Comparator, comparison.Value)})");
                continue;
            }
            RequireAttribute(comparison, [.. VersionText.Keys, "version_number"]);
            if (comparison.Key == "version_number") FilterFaults.RequireNumber(comparison, "version_number");
            else if (comparison.IsList && comparison.Key != "run_id") throw ApiException.Invalid("Only the 'run_id' attribute supports comparison with a list of quoted string values.");
            else FilterFaults.RequireText(comparison, "attributes", lists: comparison.Key == "run_id");
            query.Where(query.Compare(comparison.Key == "version_number" ? "v.version" : VersionText[comparison.Key], comparison.Comparator, comparison.Value));
        }
    }

    public static string OrderModels(IReadOnlyList<string> orderBy) => Order(orderBy, ModelOrder, "m.name ASC", "m.name ASC");

    public static string OrderVersions(IReadOnlyList<string> orderBy) =>
        Order(orderBy, VersionOrder, "v.last_updated_time DESC, m.name ASC, v.version DESC", "m.name ASC, v.version DESC");

    // MLflow 3's clients add "is_prompt != 'true'" to every search, though ordinary models have no such tag: the clause asks for no row, it hides prompts.
    private static List<Comparison> WithoutPrompts(SqlQuery query, List<Comparison> comparisons, string isPrompt)
    {
        var first = comparisons.Find(IsOnPrompts);
        var asksForPrompts = first is { Value.Kind: ValueKind.Quoted } && (
            (first.Comparator == Comparator.Equal && first.Value.Text.Equals("true", StringComparison.OrdinalIgnoreCase))
            || (first.Comparator == Comparator.NotEqual && first.Value.Text.Equals("false", StringComparison.OrdinalIgnoreCase)));
        if (asksForPrompts) return comparisons;
        query.Where($"NOT EXISTS ({isPrompt})");
        return comparisons.FindAll(c => !IsOnPrompts(c));

        static bool IsOnPrompts(Comparison comparison) => comparison.Entity is "tag" or "tags" && comparison.Key == PromptTag;
    }

    private static void RequireAttribute(Comparison comparison, IReadOnlyList<string> keys)
    {
        if (comparison.Entity is not (null or "attribute" or "attributes")) throw FilterFaults.InvalidEntity(comparison.Entity, "attribute", "tag");
        if (!keys.Contains(comparison.Key)) throw FilterFaults.InvalidAttribute(comparison.Key, keys);
    }

    private static string Order(IReadOnlyList<string> orderBy, Dictionary<string, string> columns, string byDefault, string tieBreak)
    {
        if (orderBy.Count == 0) return byDefault;
        var parts = orderBy.Select(text =>
        {
            var clause = OrderClause.Parse(text);
            return clause.Entity is null or "attribute" or "attributes" && columns.TryGetValue(clause.Key, out var column)
                ? $"{column} {clause.Direction}"
                : throw ApiException.Invalid($"Invalid order by key '{clause.Key}' specified. Valid keys are {string.Join(", ", columns.Keys)}");
        });
        return string.Join(", ", parts) + ", " + tieBreak;
    }
}
