using System.Text.Json;
using Hokusai.Tracking.Protocol;
using Hokusai.Tracking.Runs;

namespace Hokusai.Tests.Tracking.Runs;

public sealed class MetricTests
{
    [Theory]
    [InlineData(0.5, 0.5, false)]
    [InlineData(double.NaN, 0, true)]
    [InlineData(double.PositiveInfinity, double.MaxValue, false)]
    [InlineData(double.NegativeInfinity, double.MinValue, false)]
    public void Storable_Value_IsOneThatDatabasesCompare(double value, double stored, bool isNaN)
    {
        var metric = Metric.Storable("a", value, 1, 2);
        Assert.Equal((stored, isNaN), (metric.Value, metric.IsNaN));
    }

    [Fact]
    public void Storable_NegativeZero_IsZero() => Assert.False(double.IsNegative(Metric.Storable("a", -0.0, 1, 2).Value));

    [Fact]
    public void From_FullEntry_IsRead()
    {
        var entry = From("""{"key": "a", "value": "NaN", "timestamp": "5", "step": -3, "model_id": "m-1", "dataset_name": "d", "dataset_digest": "e"}""");
        Assert.Equal(new MetricEntry(new Metric("a", 0, 5, -3, IsNaN: true), "m-1", "d", "e"), entry);
    }

    [Fact]
    public void From_NoStep_IsStepZero() => Assert.Equal(0, From("""{"key": "a", "value": 1, "timestamp": 5}""").Metric.Step);

    [Theory]
    [InlineData("""{"value": 1, "timestamp": 5}""", "Missing value for required parameter 'key'")]
    [InlineData("""{"key": "a", "timestamp": 5}""", "Missing value for required parameter 'value'")]
    [InlineData("""{"key": "a", "value": 1}""", "Missing value for required parameter 'timestamp'")]
    [InlineData("""{"key": "a", "value": 1, "timestamp": -1}""", "Timestamp must be a nonnegative long")]
    [InlineData("""{"key": "a//b", "value": 1, "timestamp": 1}""", "Invalid metric name")]
    [InlineData("""{"key": "a", "value": true, "timestamp": 1}""", "Invalid value true for parameter 'value'")]
    [InlineData("""{"key": "a", "value": 1, "timestamp": 1, "dataset_name": "d"}""", "Both or neither of dataset_name and dataset_digest")]
    [InlineData("""{"key": "a", "value": 1, "timestamp": 1, "dataset_digest": "d"}""", "Both or neither of dataset_name and dataset_digest")]
    public void From_BadEntry_SaysWhy(string json, string fragment) => Assert.Contains(fragment, Refusal.Of(() => From(json)), StringComparison.Ordinal);

    private static MetricEntry From(string json)
    {
        using var document = JsonDocument.Parse(json);
        return MetricEntry.From(new RequestMessage(document.RootElement));
    }
}
