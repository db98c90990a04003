using System.Globalization;
using Hokusai.Tracking.Protocol;
using Hokusai.Tracking.Search;

namespace Hokusai.Tracking.LoggedModels;

/// <summary>A search for logged models. Their table is <c>m</c>.</summary>
internal sealed record LoggedModelSearch(
    IReadOnlyList<string> ExperimentIds, string? Filter, IReadOnlyList<LoggedModelOrder> OrderBy, IReadOnlyList<DatasetFilter> Datasets, int PageSize, string? PageToken)
{
    private static readonly Dictionary<string, string> TextAttributes = new(StringComparer.Ordinal)
    {
        ["name"] = "m.name",
        ["model_id"] = "m.model_id",
        ["model_type"] = "m.model_type",
        ["source_run_id"] = "m.source_run_id",
    };

    private static readonly Dictionary<string, string> NumberAttributes = new(StringComparer.Ordinal)
    {
        ["creation_timestamp"] = "m.creation_ms",
        ["creation_time"] = "m.creation_ms",
        ["creation_timestamp_ms"] = "m.creation_ms",
        ["last_updated_timestamp"] = "m.updated_ms",
        ["last_updated_timestamp_ms"] = "m.updated_ms",
    };

    /// <summary>Puts the conditions into a query and returns the order.</summary>
    public string Build(SqlQuery query)
    {
        query.Where("m.lifecycle_stage = 'active'");
        query.Where($"m.experiment_id IN ({string.Join(", ", ExperimentIds.Select(id => query.Value(long.TryParse(id, out var number) ? number : -1L)))})");
        var comparisons = FilterParser.Parse(Filter);
        foreach (var comparison in comparisons) query.Where(Condition(query, comparison));
        if (Datasets.Count > 0 && !comparisons.Any(c => c.Entity == "metrics")) query.Where($"EXISTS (SELECT 1 FROM logged_model_metrics f WHERE f.model_pk = m.model_pk AND {OnDataset(query, Datasets)})");
        var order = OrderBy.Select(clause => OrderClause(query, clause)).ToList();
        return string.Join(", ", [.. order, "m.creation_ms DESC", "m.model_pk DESC"]);
    }

    private string Condition(SqlQuery query, Comparison comparison)
    {
        switch (comparison.Entity)
        {
            case "metrics":
                FilterFaults.RequireNumber(comparison, "metric");
                // Any value ever logged counts, not only the latest.
                return $"EXISTS (SELECT 1 FROM logged_model_metrics f WHERE f.model_pk = m.model_pk AND f.key = {query.Value(comparison.Key)} AND f.is_nan = 0 AND {query.Compare("f.value", comparison.Comparator, comparison.Value)}"
                    + (Datasets.Count > 0 ? $" AND {OnDataset(query, Datasets)})" : ")");
            case "params":
                FilterFaults.RequireText(comparison, "param");
                return $"EXISTS (SELECT 1 FROM logged_model_params f WHERE f.model_pk = m.model_pk AND f.key = {query.Value(comparison.Key)} AND {query.Compare("f.value", comparison.Comparator, comparison.Value)})";
            case null or "attributes":
                return Attribute(query, comparison);
            default:
                // MLflow 3.4 knows no filter by tags here, and recorded answers say so.
                throw FilterFaults.InvalidEntity(comparison.Entity, "attributes", "metrics", "params");
        }
    }

    private static string Attribute(SqlQuery query, Comparison comparison)
    {
        if (comparison.Key == "status")
        {
            FilterFaults.RequireText(comparison, "attributes");
            var status = LoggedModel.Statuses.FirstOrDefault(s => s.Name == comparison.Value.Text || s.Name == "LOGGED_MODEL_" + comparison.Value.Text || s.Name == "LOGGED_MODEL_UPLOAD_" + comparison.Value.Text);
            return $"m.status {(comparison.Comparator == Comparator.NotEqual ? "<>" : "=")} {query.Value(status.Name is null ? -1L : (long)status.Number)}";
        }
        if (comparison.Key == "experiment_id")
        {
            FilterFaults.RequireText(comparison, "attributes", lists: true);
            return query.Compare("CAST(m.experiment_id AS TEXT)", comparison.Comparator, comparison.Value);
        }
        if (NumberAttributes.TryGetValue(comparison.Key, out var number))
        {
            FilterFaults.RequireNumber(comparison, comparison.Key);
            return query.Compare(number, comparison.Comparator, comparison.Value);
        }
        if (!TextAttributes.TryGetValue(comparison.Key, out var column)) throw FilterFaults.InvalidAttribute(comparison.Key, TextAttributes.Keys.Concat(NumberAttributes.Keys));
        FilterFaults.RequireText(comparison, "attributes", lists: true);
        return query.Compare(column, comparison.Comparator, comparison.Value);
    }

    private static string OrderClause(SqlQuery query, LoggedModelOrder clause)
    {
        var direction = clause.Ascending ? "ASC" : "DESC";
        string column;
        if (clause.Field.StartsWith("metrics.", StringComparison.Ordinal))
        {
            var on = clause.Dataset is null ? "" : " AND " + OnDataset(query, [clause.Dataset]);
            column = $"(SELECT f.value FROM logged_model_metrics f WHERE f.model_pk = m.model_pk AND f.is_nan = 0 AND f.key = {query.Value(FilterParser.SplitIdentifier(clause.Field).Key)}{on} ORDER BY f.timestamp DESC, f.step DESC LIMIT 1)";
        }
        else
        {
            var key = clause.Field.StartsWith("attributes.", StringComparison.Ordinal) ? clause.Field["attributes.".Length..] : clause.Field;
            if (!TextAttributes.TryGetValue(key, out column!) && !NumberAttributes.TryGetValue(key, out column!)) throw ApiException.Invalid($"Invalid order by field name '{clause.Field}'. Order by an attribute or by metrics.NAME");
        }
        return string.Create(CultureInfo.InvariantCulture, $"CASE WHEN {column} IS NULL THEN 1 ELSE 0 END, {column} {direction}");
    }

    private static string OnDataset(SqlQuery query, IReadOnlyList<DatasetFilter> datasets) => "(" + string.Join(" OR ", datasets.Select(d =>
        $"(f.dataset_name = {query.Value(d.Name)}" + (string.IsNullOrEmpty(d.Digest) ? ")" : $" AND f.dataset_digest = {query.Value(d.Digest)})"))) + ")";
}

/// <summary>One clause of the order of logged models.</summary>
internal sealed record LoggedModelOrder(string Field, bool Ascending, DatasetFilter? Dataset);

/// <summary>A dataset on which a metric must have been logged.</summary>
internal sealed record DatasetFilter(string Name, string? Digest);
