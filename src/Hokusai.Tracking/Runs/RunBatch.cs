using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Runs;

/// <summary>Everything that one <c>log-batch</c> brings, checked before anything is written.</summary>
internal sealed record RunBatch(IReadOnlyList<MetricEntry> Metrics, IReadOnlyList<KeyValue> Params, IReadOnlyList<KeyValue> Tags)
{
    private const int MostMetrics = 1000;
    private const int MostParams = 100;
    private const int MostTags = 100;
    private const int MostTogether = 1000;

    public static RunBatch From(RequestMessage message)
    {
        var metrics = message.Messages("metrics");
        var parameters = message.Pairs("params");
        var tags = message.Pairs("tags");
        Limit(metrics.Count, MostMetrics, "metrics");
        Limit(parameters.Count, MostParams, "params");
        Limit(tags.Count, MostTags, "tags");
        Limit(metrics.Count + parameters.Count + tags.Count, MostTogether, "metrics, params, and tags");
        foreach (var param in parameters) Rules.Key("parameter", param.Key);
        foreach (var tag in tags) Rules.Key("tag", tag.Key);
        if (parameters.GroupBy(p => p.Key).Where(g => g.Count() > 1).Select(g => g.Key).ToList() is { Count: > 0 } twins)
            throw ApiException.Invalid($"Duplicate parameter keys have been submitted: {string.Join(", ", twins)}. Please ensure the request contains only one param value per param key.");
        return new RunBatch(metrics.ConvertAll(MetricEntry.From), parameters, tags);
    }

    private static void Limit(int count, int most, string what)
    {
        if (count > most)
            throw ApiException.Invalid($"A batch logging request can contain at most {most} {what}. Got {count} {what}. Please split up {what} across multiple requests and try again.");
    }
}
