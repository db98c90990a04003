using Hokusai.Tracking.Protocol;
using Hokusai.Tracking.Search;

namespace Hokusai.Tracking.Runs;

/// <summary>Filters and order of <c>runs/search</c>. The runs' table is <c>r</c>.</summary>
internal static class RunSearch
{
    private static readonly Dictionary<string, string> TextAttributes = new(StringComparer.Ordinal)
    {
        ["run_id"] = "r.run_id",
        ["run_name"] = "r.run_name",
        ["run name"] = "r.run_name",
        ["Run name"] = "r.run_name",
        ["Run Name"] = "r.run_name",
        ["user_id"] = "r.user_id",
        ["status"] = "r.status",
        ["artifact_uri"] = "r.artifact_uri",
    };

    private static readonly Dictionary<string, string> TimeAttributes = new(StringComparer.Ordinal)
    {
        ["start_time"] = "r.start_time",
        ["end_time"] = "r.end_time",
        ["created"] = "r.start_time",
        ["Created"] = "r.start_time",
    };

    public static void Filter(SqlQuery query, string? filter)
    {
        foreach (var comparison in FilterParser.Parse(filter)) query.Where(Condition(query, comparison));
    }

    /// <summary>The order of the found runs. What lacks the value comes last and NaN before it, whichever the direction.</summary>
    public static string Order(SqlQuery query, IReadOnlyList<string> orderBy)
    {
        var parts = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in orderBy)
        {
            var clause = OrderClause.Parse(text);
            var (kind, column) = clause.Entity switch
            {
                "metric" or "metrics" => ("metric", MetricOrder(query, parts, clause)),
                "param" or "params" or "parameter" or "parameters" => ("param", $"(SELECT o.value FROM params o WHERE o.run_pk = r.run_pk AND o.key = {query.Value(clause.Key)})"),
                "tag" or "tags" => ("tag", $"(SELECT o.value FROM tags o WHERE o.run_pk = r.run_pk AND o.key = {query.Value(clause.Key)})"),
                null or "attribute" or "attributes" or "attr" or "run" => ("", Attribute(clause, text)),
                _ => throw ApiException.Invalid($"Invalid ordering key in order_by clause '{text}'."),
            };
            // An attribute goes by its column, for it has several names.
            if (!seen.Add(kind.Length == 0 ? column : $"{kind} {clause.Key}")) throw ApiException.Invalid($"`order_by` contains duplicate fields: {text}");
            parts.Add($"CASE WHEN {column} IS NULL THEN 1 ELSE 0 END");
            parts.Add($"{column} {clause.Direction}");
        }
        if (!seen.Contains(TimeAttributes["start_time"])) parts.Add("r.start_time DESC");
        parts.Add("r.run_id ASC");
        return string.Join(", ", parts);
    }

    private static string MetricOrder(SqlQuery query, List<string> parts, OrderClause clause)
    {
        var key = query.Value(clause.Key);
        parts.Add($"COALESCE((SELECT o.is_nan FROM latest_metrics o WHERE o.run_pk = r.run_pk AND o.key = {key}), 2)");
        return $"(SELECT o.value FROM latest_metrics o WHERE o.run_pk = r.run_pk AND o.key = {key} AND o.is_nan = 0)";
    }

    private static string Attribute(OrderClause clause, string text)
    {
        if (TextAttributes.TryGetValue(clause.Key, out var column) || TimeAttributes.TryGetValue(clause.Key, out column)) return column;
        throw ApiException.Invalid($"Invalid order_by key '{clause.Key}' in order_by clause '{text}'. Valid attributes are {string.Join(", ", TextAttributes.Keys.Concat(TimeAttributes.Keys))}");
    }

    private static string Condition(SqlQuery query, Comparison comparison)
    {
        switch (comparison.Entity)
        {
            case "metric" or "metrics":
                FilterFaults.RequireNumber(comparison, "metric");
                return MetricCondition(query, comparison);
            case "param" or "params" or "parameter" or "parameters":
                FilterFaults.RequireText(comparison, "param");
                return Exists("params", query, comparison);
            case "tag" or "tags":
                FilterFaults.RequireText(comparison, "tag");
                return Exists("tags", query, comparison);
            case "dataset" or "datasets":
                return DatasetCondition(query, comparison);
            case null or "attribute" or "attributes" or "attr" or "run":
                return AttributeCondition(query, comparison);
            default:
                throw FilterFaults.InvalidEntity(comparison.Entity, "parameter", "metric", "tag", "attribute", "dataset");
        }
    }

    // A NaN is none of the numbers, so it differs from each and is neither above nor below any.
    private static string MetricCondition(SqlQuery query, Comparison comparison)
    {
        var key = query.Value(comparison.Key);
        var value = query.Compare("f.value", comparison.Comparator, comparison.Value);
        var matches = comparison.Comparator == Comparator.NotEqual ? $"(f.is_nan = 1 OR {value})" : $"f.is_nan = 0 AND {value}";
        return $"r.run_pk IN (SELECT f.run_pk FROM latest_metrics f WHERE f.key = {key} AND {matches})";
    }

    private static string Exists(string table, SqlQuery query, Comparison comparison) =>
        $"EXISTS (SELECT 1 FROM {table} f WHERE f.run_pk = r.run_pk AND f.key = {query.Value(comparison.Key)} AND {query.Compare("f.value", comparison.Comparator, comparison.Value)})";

    private static string AttributeCondition(SqlQuery query, Comparison comparison)
    {
        if (TimeAttributes.TryGetValue(comparison.Key, out var time))
        {
            FilterFaults.RequireNumber(comparison, comparison.Key);
            return query.Compare(time, comparison.Comparator, comparison.Value);
        }
        if (!TextAttributes.TryGetValue(comparison.Key, out var column)) throw FilterFaults.InvalidAttribute(comparison.Key, TextAttributes.Keys.Concat(TimeAttributes.Keys));
        FilterFaults.RequireText(comparison, "attributes", lists: comparison.Key == "run_id");
        return query.Compare(column, comparison.Comparator, comparison.Value);
    }

    private static string DatasetCondition(SqlQuery query, Comparison comparison)
    {
        FilterFaults.RequireText(comparison, "dataset", lists: true);
        const string Link = "SELECT 1 FROM run_datasets l JOIN datasets d ON d.dataset_pk = l.dataset_pk WHERE l.run_pk = r.run_pk";
        return comparison.Key switch
        {
            "name" or "digest" => $"EXISTS ({Link} AND {query.Compare("d." + comparison.Key, comparison.Comparator, comparison.Value)})",
            "context" => $"EXISTS (SELECT 1 FROM run_datasets l JOIN run_dataset_tags c ON c.link_pk = l.link_pk WHERE l.run_pk = r.run_pk AND c.key = 'mlflow.data.context' AND {query.Compare("c.value", comparison.Comparator, comparison.Value)})",
            _ => throw ApiException.Invalid($"Invalid dataset key '{comparison.Key}' specified. Valid keys are name, digest, context"),
        };
    }
}
