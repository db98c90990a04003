using Hokusai.Tracking.Protocol;
using Hokusai.Tracking.Search;

namespace Hokusai.Tracking.Experiments;

/// <summary>Filters and order of <c>experiments/search</c>. The experiments' table is <c>e</c>.</summary>
internal static class ExperimentSearch
{
    private static readonly string[] TextKeys = ["name"];
    private static readonly string[] TimeKeys = ["creation_time", "last_update_time"];
    private static readonly string[] OrderKeys = ["name", "experiment_id", .. TimeKeys];

    public static void Filter(SqlQuery query, string? filter)
    {
        foreach (var comparison in FilterParser.Parse(filter))
        {
            switch (comparison.Entity)
            {
                case "tag" or "tags":
                    FilterFaults.RequireText(comparison, "tag");
                    query.Where($"EXISTS (SELECT 1 FROM experiment_tags t WHERE t.experiment_id = e.experiment_id AND t.key = {query.Value(comparison.Key)} AND {query.Compare("t.value", comparison.Comparator, comparison.Value)})");
                    break;
                case null or "attribute" or "attributes":
                    if (TextKeys.Contains(comparison.Key)) FilterFaults.RequireText(comparison, "attributes");
                    else if (TimeKeys.Contains(comparison.Key)) FilterFaults.RequireNumber(comparison, comparison.Key);
                    else throw FilterFaults.InvalidAttribute(comparison.Key, TextKeys.Concat(TimeKeys));
                    query.Where(query.Compare("e." + comparison.Key, comparison.Comparator, comparison.Value));
                    break;
                default:
                    throw FilterFaults.InvalidEntity(comparison.Entity, "attribute", "tag");
            }
        }
    }

    public static string Order(IReadOnlyList<string> orderBy)
    {
        if (orderBy.Count == 0) return "e.creation_time DESC, e.experiment_id DESC";
        var clauses = orderBy.Select(OrderClause.Parse).ToList();
        foreach (var clause in clauses)
        {
            if (clause.Entity is not (null or "attribute" or "attributes") || !OrderKeys.Contains(clause.Key))
                throw ApiException.Invalid($"Invalid order_by entity: '{clause.Key}'. Valid keys are {string.Join(", ", OrderKeys)}");
        }
        var order = string.Join(", ", clauses.Select(c => $"e.{c.Key} {c.Direction}"));
        return clauses.Any(c => c.Key == "experiment_id") ? order : order + ", e.experiment_id DESC";
    }
}
