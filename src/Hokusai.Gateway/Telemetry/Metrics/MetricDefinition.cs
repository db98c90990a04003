namespace Hokusai.Gateway.Telemetry.Metrics;

/// <summary>What a metric counts in.</summary>
internal enum MetricKind
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>A state, read when somebody looks.</summary>
    Gauge,

    /// <summary>A distribution over fixed buckets.</summary>
    Histogram,
}

/// <summary>By what CloudWatch sees a metric besides the service. Never a key, a run or a path: each value is a metric that is paid for.</summary>
internal enum EmfDimension
{
    /// <summary>The service only.</summary>
    None,

    /// <summary>The endpoint's class.</summary>
    Class,

    /// <summary>The place of failure.</summary>
    Place,
}

/// <summary>
/// One metric. The instrument, the Prometheus text, what OTLP exports, the EMF lines and the page in <c>docs/</c> all come from it.
/// </summary>
/// <param name="Name">OpenTelemetry's form, <c>hokusai.gateway.…</c>.</param>
/// <param name="Kind">Counter, gauge or histogram.</param>
/// <param name="Unit">UCUM, as OpenTelemetry wants it: <c>s</c>, <c>By</c>, <c>{request}</c>.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Tags">Names of its tags in the order of <see cref="MetricTags"/>, at most three, each with a bounded set of values.</param>
internal sealed record MetricDefinition(string Name, MetricKind Kind, string Unit, string Description, params string[] Tags)
{
    /// <summary>Name in CloudWatch; null for a metric that does not go there.</summary>
    public string? Emf { get; init; }

    /// <summary>By what CloudWatch sees it. Tags that are not a dimension are summed over.</summary>
    public EmfDimension EmfBy { get; init; }

    /// <summary>Name in the Prometheus text: dots become underlines, the unit stands at the end, counters end in <c>_total</c>.</summary>
    public string PrometheusName { get; } = Name.Replace('.', '_') + Suffix(Unit) + (Kind == MetricKind.Counter ? "_total" : "");

    /// <summary>The unit as OpenMetrics spells it; empty for plain numbers.</summary>
    public string PrometheusUnit => Suffix(Unit).TrimStart('_');

    /// <summary>The unit as CloudWatch spells it.</summary>
    public string EmfUnit => Unit switch
    {
        "s" => "Seconds",
        "By" => "Bytes",
        _ => "Count",
    };

    private static string Suffix(string unit) => unit switch
    {
        "s" => "_seconds",
        "By" => "_bytes",
        _ => "",
    };
}

/// <summary>Values of a metric's tags, in the order of its definition.</summary>
internal readonly record struct MetricTags(string? First = null, string? Second = null, string? Third = null) : IComparable<MetricTags>
{
    /// <summary>The value of one tag; empty if it was not given.</summary>
    public string this[int index] => (index switch { 0 => First, 1 => Second, _ => Third }) ?? "";

    /// <summary>A stable order for what people and tests read.</summary>
    public int CompareTo(MetricTags other)
    {
        var order = string.CompareOrdinal(First, other.First);
        if (order == 0) order = string.CompareOrdinal(Second, other.Second);
        return order == 0 ? string.CompareOrdinal(Third, other.Third) : order;
    }
}
