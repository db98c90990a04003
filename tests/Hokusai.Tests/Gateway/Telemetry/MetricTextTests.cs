using System.Text.Json;
using Hokusai.Gateway.Telemetry;
using Hokusai.Gateway.Telemetry.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Gateway.Telemetry;

public sealed class MetricTextTests : IDisposable
{
    private static readonly MetricDefinition Calls = new("test.calls", MetricKind.Counter, "{call}", "Calls made.", "class") { Emf = "Calls", EmfBy = EmfDimension.Class };
    private static readonly MetricDefinition Bytes = new("test.bytes", MetricKind.Counter, "By", "Bytes.") { Emf = "Bytes" };
    private static readonly MetricDefinition State = new("test.state", MetricKind.Gauge, "{state}", "State.", "part") { Emf = "State" };
    private static readonly MetricDefinition Duration = new("test.duration", MetricKind.Histogram, "s", "Duration.") { Emf = "Duration" };

    private readonly FakeTimeProvider _time = new(Entries.Start);
    private readonly MetricFamilies _families;

    public MetricTextTests()
    {
        _families = new MetricFamilies("Hokusai.Test", [Calls, Bytes, State, Duration], _time);
        _families.Counter(Calls).Add(3, new MetricTags("wr\"ite"));
        _families.Counter(Calls).Add(2, new MetricTags("read"));
        _families.Counter(Bytes).Add(17);
        _families.Gauge(State).Observe(new MetricTags("a"), () => 0.5);
        _families.Gauge(State).Observe(new MetricTags("b"), () => 2);
        _families.Histogram(Duration).Record(TimeSpan.FromMilliseconds(2), default, "req-1");
        _families.Histogram(Duration).Record(TimeSpan.FromMinutes(10), default, null);
    }

    public void Dispose() => _families.Dispose();

    [Fact]
    public void Write_Plain_IsThePrometheusText() => Assert.Equal(
        """
        # HELP test_calls_total Calls made.
        # TYPE test_calls_total counter
        test_calls_total{class="read"} 2
        test_calls_total{class="wr\"ite"} 3
        # HELP test_bytes_bytes_total Bytes.
        # TYPE test_bytes_bytes_total counter
        test_bytes_bytes_total 17
        # HELP test_state State.
        # TYPE test_state gauge
        test_state{part="a"} 0.5
        test_state{part="b"} 2
        # HELP test_duration_seconds Duration.
        # TYPE test_duration_seconds histogram
        test_duration_seconds_bucket{le="0.0005"} 0
        test_duration_seconds_bucket{le="0.001"} 0
        test_duration_seconds_bucket{le="0.0025"} 1
        """,
        Start(PrometheusText.Write(_families.All, openMetrics: false), 16));

    [Fact]
    public void Write_OpenMetrics_HasUnitsExemplarsAndAnEnd()
    {
        var lines = PrometheusText.Write(_families.All, openMetrics: true).Split('\n');
        Assert.Contains("# TYPE test_calls counter", lines);
        Assert.Contains("# UNIT test_bytes_bytes bytes", lines);
        Assert.Contains("# UNIT test_duration_seconds seconds", lines);
        Assert.Contains("""test_duration_seconds_bucket{le="0.0025"} 1 # {request_id="req-1"} 0.002 1772366400""", lines);
        Assert.Contains("""test_duration_seconds_bucket{le="1.0"} 1""", lines);
        Assert.Contains("""test_duration_seconds_bucket{le="+Inf"} 2""", lines);
        Assert.Equal(["test_duration_seconds_sum 600.002", "test_duration_seconds_count 2", "# EOF", ""], lines[^4..]);
    }

    [Fact]
    public void Record_ManyInOneBucket_KeepsAnExampleASecond()
    {
        var family = _families.Histogram(Duration);
        family.Record(TimeSpan.FromMilliseconds(2), default, "req-2");
        Assert.Equal("req-1", family.Read()[0].Series.ExemplarOf(2)!.RequestId);
        _time.Advance(TimeSpan.FromSeconds(1));
        family.Record(TimeSpan.FromMilliseconds(2), default, "req-3");
        Assert.Equal("req-3", family.Read()[0].Series.ExemplarOf(2)!.RequestId);
    }

    [Fact]
    public void Lines_FirstInterval_AreTheGoldenOnes() => Assert.Equal(
        [
            """{"_aws":{"Timestamp":1772366400000,"CloudWatchMetrics":[{"Namespace":"Hokusai/Gateway","Dimensions":[["Service"]],"Metrics":[{"Name":"Calls","Unit":"Count"},{"Name":"Bytes","Unit":"Bytes"},{"Name":"State","Unit":"Count"},{"Name":"Duration","Unit":"Seconds"}]}]},"Service":"hokusai-gateway","Calls":5,"Bytes":17,"State":2,"Duration":{"Values":[0.00175,300],"Counts":[1,1],"Min":0.001,"Max":300,"Sum":600.002,"Count":2}}""",
            """{"_aws":{"Timestamp":1772366400000,"CloudWatchMetrics":[{"Namespace":"Hokusai/Gateway","Dimensions":[["Service","Class"]],"Metrics":[{"Name":"Calls","Unit":"Count"}]}]},"Service":"hokusai-gateway","Class":"read","Calls":2}""",
            """{"_aws":{"Timestamp":1772366400000,"CloudWatchMetrics":[{"Namespace":"Hokusai/Gateway","Dimensions":[["Service","Class"]],"Metrics":[{"Name":"Calls","Unit":"Count"}]}]},"Service":"hokusai-gateway","Class":"wr\"ite","Calls":3}""",
        ],
        new EmfWriter(_families, new TelemetryOptions(), _time).Lines());

    [Fact]
    public void Lines_SecondInterval_TellWhatHappenedSince()
    {
        var writer = new EmfWriter(_families, new TelemetryOptions(), _time);
        writer.Lines();
        _families.Counter(Calls).Add(4, new MetricTags("read"));
        using var whole = JsonDocument.Parse(writer.Lines()[0]);
        Assert.Equal((4, 0), (whole.RootElement.GetProperty("Calls").GetInt32(), whole.RootElement.GetProperty("Bytes").GetInt32()));
        Assert.False(whole.RootElement.TryGetProperty("Duration", out _));
        using var quiet = JsonDocument.Parse(Assert.Single(writer.Lines()));
        Assert.Equal(0, quiet.RootElement.GetProperty("Calls").GetInt32());
    }

    [Fact]
    public void Lines_OfTheGateway_NameNoKeyAndNoPath()
    {
        using var metrics = new GatewayMetrics(_time);
        metrics.RequestEnded(Entries.Failed("abc", "k_secretive"));
        foreach (var line in new EmfWriter(metrics.Families, new TelemetryOptions(), _time).Lines())
        {
            Assert.DoesNotContain("k_secretive", line, StringComparison.Ordinal);
            Assert.DoesNotContain("/mlflow/", line, StringComparison.Ordinal);
            Assert.DoesNotContain("abc", line, StringComparison.Ordinal);
            using var json = JsonDocument.Parse(line);
            var directive = json.RootElement.GetProperty("_aws").GetProperty("CloudWatchMetrics")[0];
            Assert.All(directive.GetProperty("Dimensions")[0].EnumerateArray(), d => Assert.Contains(d.GetString()!, (string[])["Service", "Class", "Place"]));
            Assert.All(directive.GetProperty("Metrics").EnumerateArray(), m => Assert.True(json.RootElement.TryGetProperty(m.GetProperty("Name").GetString()!, out _)));
        }
    }

    [Fact]
    public async Task Report_EachIntervalAndTheEnd_AreWritten()
    {
        var output = new Pulse { NewLine = "\n" };
        var report = new EmfReport(new EmfWriter(_families, new TelemetryOptions(), _time), output, new TelemetryOptions(), _time, NullLogger.Instance);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("", output.ToString());
        _time.Advance(TimeSpan.FromSeconds(1));
        await output.Flushed.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3, output.ToString().Count(c => c == '\n'));
        _families.Counter(Bytes).Add(1);
        await report.DisposeAsync();
        Assert.Contains("\"Bytes\":1,", output.ToString().Split('\n')[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoint_Accept_DecidesTheForm()
    {
        var endpoint = new MetricsEndpoint(_families);
        var plain = Entries.Request("GET", MetricsEndpoint.Path);
        Assert.True(await endpoint.TryAnswerAsync(plain, MetricsEndpoint.Path));
        Assert.Equal(PrometheusText.PlainType, plain.Response.ContentType);
        var open = Entries.Request("GET", MetricsEndpoint.Path);
        open.Request.Headers.Accept = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
        Assert.True(await endpoint.TryAnswerAsync(open, MetricsEndpoint.Path));
        Assert.EndsWith("# EOF\n", Entries.Answer(open), StringComparison.Ordinal);
        Assert.False(await endpoint.TryAnswerAsync(Entries.Request("GET", "/metrics"), "/metrics"));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("*/*", false)]
    [InlineData("application/openmetrics-text", true)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1", true)]
    [InlineData("application/openmetrics-text;q=0.1,text/plain", false)]
    [InlineData("application/openmetrics-text;q=0", false)]
    public async Task Endpoint_AcceptWithQualities_GetsWhatIsLikedMost(string accept, bool open)
    {
        var http = Entries.Request("GET", MetricsEndpoint.Path);
        http.Request.Headers.Accept = accept;
        await new MetricsEndpoint(_families).TryAnswerAsync(http, MetricsEndpoint.Path);
        Assert.Equal(open ? PrometheusText.OpenMetricsType : PrometheusText.PlainType, http.Response.ContentType);
    }

    private static string Start(string text, int lines) => string.Join('\n', text.Split('\n').Take(lines));

    private sealed class Pulse : StringWriter
    {
        public SemaphoreSlim Flushed { get; } = new(0);

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            Flushed.Release();
            return Task.CompletedTask;
        }
    }
}
