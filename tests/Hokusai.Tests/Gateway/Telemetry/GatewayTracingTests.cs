using System.Diagnostics;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Telemetry.Tracing;

namespace Hokusai.Tests.Gateway.Telemetry;

/// <summary>Alone: whether anybody listens is a state of the whole process.</summary>
[Collection(nameof(GatewayTracingTests))]
[CollectionDefinition(nameof(GatewayTracingTests), DisableParallelization = true)]
public sealed class GatewayTracingTests
{
    private const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public void StartRequest_NobodyListens_MakesNothingAndLeavesTheHeader()
    {
        var http = Entries.Request("GET", "/x");
        http.Request.Headers.TraceParent = Parent;
        Assert.Null(GatewayTracing.StartRequest(http, "abc"));
        Assert.Null(GatewayTracing.StartAttempt(null, "GET", Entries.Address, 1));
        GatewayTracing.Inject(null, (_, _) => Assert.Fail("no header may be set without a span"));
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", GatewayTracing.TraceIdOf(http, null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00-xyz")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-<script>af7651916cd43dd8448eb211c803-b7ad6b7169203331-01")]
    public void TraceIdOf_BadHeader_IsNone(string header)
    {
        var http = Entries.Request("GET", "/x");
        http.Request.Headers.TraceParent = header;
        Assert.Null(GatewayTracing.TraceIdOf(http, null));
    }

    [Fact]
    public void Spans_OfARetriedRequest_AreOneServerAndTwoClients()
    {
        var ended = new List<Activity>();
        using var listener = Listen(ended);
        var http = Entries.Request("GET", "/x");
        http.Request.Headers.TraceParent = Parent;
        http.Request.Headers.TraceState = "vendor=1";
        var entry = Entries.Failed("abc");
        var span = GatewayTracing.StartRequest(http, "abc");
        Assert.NotNull(span);
        for (var i = 0; i < 2; i++)
        {
            var attempt = GatewayTracing.StartAttempt(span, "GET", entry.Attempts[i].Address, i + 1);
            var headers = new Dictionary<string, string>();
            GatewayTracing.Inject(attempt, headers.Add);
            Assert.Equal($"00-0af7651916cd43dd8448eb211c80319c-{attempt!.SpanId}-01", headers["traceparent"]);
            Assert.Equal("vendor=1", headers["tracestate"]);
            GatewayTracing.EndAttempt(attempt, entry.Attempts[i]);
        }
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", GatewayTracing.TraceIdOf(http, span));
        GatewayTracing.EndRequest(span, entry);

        Assert.Equal([ActivityKind.Client, ActivityKind.Client, ActivityKind.Server], ended.Select(a => a.Kind));
        Assert.Equal("b7ad6b7169203331", ended[2].ParentSpanId.ToHexString());
        Assert.All(ended[..2], a => Assert.Equal(span.SpanId, a.ParentSpanId));
        Assert.Equal("GET /mlflow/runs/get", ended[2].DisplayName);
        Assert.Equal((ActivityStatusCode.Error, "HKS-UP-CONNECT"), (ended[2].Status, ended[2].StatusDescription));
        Assert.Equal("UpstreamReset", ended[0].GetTagItem("error.type"));
        Assert.Equal(1, ended[1].GetTagItem("http.request.resend_count"));
        Assert.Equal("abc", ended[2].GetTagItem("hokusai.request_id"));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void StartRequest_WithoutParent_IsARoot()
    {
        var ended = new List<Activity>();
        using var listener = Listen(ended);
        using var frameworks = new Activity("framework").Start();
        var span = GatewayTracing.StartRequest(Entries.Request("GET", "/x"), "abc");
        Assert.Equal(default, span!.ParentSpanId);
        GatewayTracing.EndRequest(span, Entries.Good("abc") with { Status = 404, Failure = FailurePlace.EndpointUnknown });
        Assert.Equal(ActivityStatusCode.Unset, ended[0].Status);
    }

    private static ActivityListener Listen(List<Activity> ended)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == GatewayTracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
