using System.Diagnostics.Metrics;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Resilience;
using Hokusai.Gateway.Telemetry;
using Hokusai.Gateway.Telemetry.Metrics;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Gateway.Telemetry;

public sealed class GatewayMetricsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(Entries.Start);
    private readonly GatewayMetrics _metrics;

    public GatewayMetricsTests() => _metrics = new GatewayMetrics(_time);

    public void Dispose() => _metrics.Dispose();

    /// <summary>Dashboards and alarms stand on these names: a change here is a change for operators.</summary>
    [Fact]
    public void All_Names_AreThoseThatWerePromised() => Assert.Equal(
        [
            "hokusai_gateway_requests_total counter Requests", "hokusai_gateway_request_duration_seconds histogram RequestDuration", "hokusai_gateway_auth_duration_seconds histogram AuthDuration",
            "hokusai_gateway_upstream_duration_seconds histogram UpstreamDuration", "hokusai_gateway_upstream_attempts_total counter UpstreamAttempts", "hokusai_gateway_upstream_retries_total counter Retries",
            "hokusai_gateway_upstream_retries_refused_total counter RetryBudgetExhausted", "hokusai_gateway_upstream_retry_budget gauge -", "hokusai_gateway_breaker_state gauge BreakerState", "hokusai_gateway_breaker_openings_total counter BreakerOpen",
            "hokusai_gateway_pool_connections gauge -", "hokusai_gateway_pool_connections_opened_total counter ConnectionsOpened", "hokusai_gateway_pool_connections_reused_total counter -",
            "hokusai_gateway_dns_age_seconds gauge DnsAge", "hokusai_gateway_dns_failures_total counter DnsFailures", "hokusai_gateway_dns_stale_served_total counter DnsStaleServed",
            "hokusai_gateway_auth_verdicts_total counter -", "hokusai_gateway_auth_refusals_total counter AuthRejected", "hokusai_gateway_auth_unavailable_total counter AuthUnavailable",
            "hokusai_gateway_auth_remembered gauge -",
            "hokusai_gateway_auth_questions gauge -",
            "hokusai_gateway_auth_questions_turned_away_total counter AuthQuestionsTurnedAway",
            "hokusai_gateway_auth_revocations_in_doubt gauge RevocationsInDoubt",
            "hokusai_gateway_shield_hits_total counter ReplayShieldHit", "hokusai_gateway_shield_outcomes_total counter -",
            "hokusai_gateway_limits_allowed_total counter -", "hokusai_gateway_limits_refused_total counter LimitRefused", "hokusai_gateway_limits_alone_total counter LimitsAlone", "hokusai_gateway_request_body_bytes_total counter BytesIn", "hokusai_gateway_response_body_bytes_total counter BytesOut",
            "hokusai_gateway_errors_own_total counter GatewayErrors", "hokusai_gateway_errors_upstream_total counter MlflowErrors",
            "hokusai_gateway_failures_total counter Failures", "hokusai_gateway_requests_in_flight gauge InFlight", "hokusai_gateway_draining gauge Draining",
            "hokusai_gateway_heap_bytes gauge -", "hokusai_gateway_handles gauge -", "hokusai_gateway_threads gauge -", "hokusai_gateway_timers gauge -",
        ],
        GatewayMetricList.All.Select(d => $"{d.PrometheusName} {d.Kind.ToString().ToLowerInvariant()} {d.Emf ?? "-"}"));

    [Fact]
    public void All_Definitions_AreListedOnceAndWhole()
    {
        var fields = typeof(GatewayMetricList).GetFields().Where(f => f.FieldType == typeof(MetricDefinition)).Select(f => (MetricDefinition)f.GetValue(null)!).ToList();
        Assert.Equal(fields, GatewayMetricList.All);
        Assert.Equal(fields.Count, fields.Select(d => d.Name).Distinct().Count());
        Assert.All(fields, d => Assert.True(d.Tags.Length <= 3 && d.Description.EndsWith('.')));
        Assert.All(fields.Where(d => d.EmfBy != EmfDimension.None), d => Assert.Contains(d.EmfBy == EmfDimension.Class ? "class" : "place", d.Tags));
        Assert.True(fields.Count(d => d.Emf is not null) <= EmfWriter.MostMetrics);
    }

    [Theory]
    [InlineData("hokusai_gateway_heap_bytes")]
    [InlineData("hokusai_gateway_handles")]
    [InlineData("hokusai_gateway_threads")]
    public void Process_Now_HoldsSomething(string name) => Assert.True(double.Parse(Sample(name)!, System.Globalization.CultureInfo.InvariantCulture) > 0, name);

    [Fact]
    public void Process_TimerSet_IsCounted()
    {
        // Others set and clear theirs meanwhile, so many are set.
        var timers = Enumerable.Range(0, 1000).Select(_ => new Timer(static _ => { }, null, 60_000, Timeout.Infinite)).ToList();
        try
        {
            Assert.True(double.Parse(Sample("hokusai_gateway_timers")!, System.Globalization.CultureInfo.InvariantCulture) >= 1000);
        }
        finally
        {
            timers.ForEach(static timer => timer.Dispose());
        }
    }

    [Fact]
    public void RequestEnded_FailedAfterRetry_CountsEveryPart()
    {
        _metrics.RequestBegan();
        _metrics.RequestBegan();
        _metrics.RequestEnded(Entries.Failed("a"));
        Assert.Equal("1", Sample("hokusai_gateway_requests_in_flight"));
        Assert.Equal("1", Sample("""hokusai_gateway_requests_total{route="GET /mlflow/runs/get",status="5xx",class="read"}"""));
        Assert.Equal("1", Sample("""hokusai_gateway_upstream_attempts_total{outcome="UpstreamReset"}"""));
        Assert.Equal("1", Sample("""hokusai_gateway_upstream_attempts_total{outcome="ConnectFailed"}"""));
        Assert.Equal("1", Sample("""hokusai_gateway_upstream_retries_total{reason="stale connection"}"""));
        Assert.Equal("1", Sample("hokusai_gateway_pool_connections_reused_total"));
        Assert.Equal("0", Sample("hokusai_gateway_pool_connections_opened_total"));
        Assert.Equal("1", Sample("""hokusai_gateway_failures_total{place="ConnectFailed"}"""));
        Assert.Equal("200", Sample("""hokusai_gateway_response_body_bytes_total{body="metadata"}"""));
        Assert.Equal("1", Sample("""hokusai_gateway_auth_verdicts_total{source="cached"}"""));
    }

    [Theory]
    [InlineData(FailurePlace.KeyExpired, 1, 0)]
    [InlineData(FailurePlace.ScopeMissing, 1, 0)]
    [InlineData(FailurePlace.CredentialsConflict, 1, 0)]
    [InlineData(FailurePlace.AuthUnavailable, 0, 1)]
    [InlineData(FailurePlace.EndpointUnknown, 0, 0)]
    public void RequestEnded_AuthFailure_IsNotMixedUpWithAnOutage(object failure, int refused, int unavailable)
    {
        var place = (FailurePlace)failure;
        _metrics.RequestEnded(Entries.Good("a") with { Failure = place, Status = Failures.Of(place).Status });
        Assert.Equal(refused == 0 ? null : "1", Sample($$"""hokusai_gateway_auth_refusals_total{place="{{place}}"}"""));
        Assert.Equal($"{unavailable}", Sample("hokusai_gateway_auth_unavailable_total"));
    }

    [Theory]
    [InlineData(502, FailurePlace.ConnectFailed, 1, 0)]
    [InlineData(503, null, 0, 1)]
    [InlineData(500, null, 0, 1)]
    [InlineData(499, FailurePlace.ClientGone, 0, 0)]
    [InlineData(401, FailurePlace.KeyExpired, 0, 0)]
    [InlineData(404, null, 0, 0)]
    public void RequestEnded_Errors_AreCountedByWhoMadeThem(int status, object? failure, int own, int upstream)
    {
        _metrics.RequestEnded(Entries.Good("a") with { Failure = (FailurePlace?)failure, Status = status });
        Assert.Equal(($"{own}", $"{upstream}"), (Sample("hokusai_gateway_errors_own_total"), Sample("hokusai_gateway_errors_upstream_total")));
    }

    [Fact]
    public void RequestEnded_UnknownPaths_AreOneSeries()
    {
        for (var i = 0; i < 50; i++) _metrics.RequestEnded(Entries.Good("a") with { Class = null, Label = $"/scan/{i}", Status = 404 });
        Assert.Equal("50", Sample("""hokusai_gateway_requests_total{route="unknown",status="4xx",class="none"}"""));
    }

    [Fact]
    public void Add_TooManySeries_AreFoldedIntoOne()
    {
        for (var i = 0; i < MetricFamily.MostSeries + 500; i++) _metrics.DnsFailed($"kind {i}");
        var family = _metrics.Families.Counter(GatewayMetricList.DnsFailures);
        Assert.Equal(MetricFamily.MostSeries + 1, family.Read().Count);
        Assert.Equal(500, family.Read().Single(s => s.Tags.First == MetricFamily.Overflow).Series.Value);
    }

    [Fact]
    public void Gauges_OneThatFails_DoesNotTakeTheOthers()
    {
        _metrics.ObserveBreaker("metadata", () => BreakerState.Open);
        _metrics.ObserveBreaker("auth", () => throw new ObjectDisposedException("breaker"));
        _metrics.ObserveDnsAge(() => null);
        _metrics.ObservePool(() => 3, () => 4);
        _metrics.ObserveDraining(() => true);
        Assert.Equal("2", Sample("""hokusai_gateway_breaker_state{breaker="metadata"}"""));
        Assert.Null(Sample("""hokusai_gateway_breaker_state{breaker="auth"}"""));
        Assert.Null(Sample("hokusai_gateway_dns_age_seconds"));
        Assert.Equal("4", Sample("""hokusai_gateway_pool_connections{state="idle"}"""));
        Assert.Equal("1", Sample("hokusai_gateway_draining"));
    }

    [Fact]
    public void Instruments_AListener_SeesTheSameNumbers()
    {
        var seen = new Dictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (ReferenceEquals(instrument.Meter, _metrics.Families.Meter)) l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => seen[$"{i.Name} {Show(tags)}"] = value);
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => seen[$"{i.Name} {Show(tags)}"] = value);
        listener.Start();
        _metrics.BreakerOpened("metadata");
        _metrics.RequestEnded(Entries.Good("a"));
        listener.RecordObservableInstruments();
        Assert.Equal(1, seen["hokusai.gateway.breaker.openings breaker=metadata"]);
        Assert.Equal(1, seen["hokusai.gateway.requests route=GET /mlflow/runs/get,status=2xx,class=read"]);
        Assert.Contains("hokusai.gateway.request.duration class=read,body=metadata,status=2xx", seen.Keys);
    }

    [Fact]
    public async Task RequestEnded_FromManyThreads_CountsThemAll()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < 5000; i++) _metrics.RequestEnded(Entries.Good("a") with { Label = $"GET /{i % 7}" });
        })));
        Assert.Equal("40000", Sample("""hokusai_gateway_request_duration_seconds_count{class="read",body="metadata",status="2xx"}"""));
        Assert.Equal(40000, _metrics.Families.Counter(GatewayMetricList.Requests).Read().Sum(s => s.Series.Value));
    }

    [Fact]
    public void RequestEnded_WithoutListeners_AllocatesNothing()
    {
        var entry = Entries.Good("a");
        for (var i = 0; i < 1000; i++) _metrics.RequestEnded(entry);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) _metrics.RequestEnded(entry);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    private static string Show(ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Join(',', tags.ToArray().Select(t => $"{t.Key}={t.Value}"));

    private string? Sample(string name) => PrometheusText.Write(_metrics.Families.All, openMetrics: false).Split('\n')
        .Where(l => l.StartsWith(name + " ", StringComparison.Ordinal)).Select(l => l[(name.Length + 1)..]).SingleOrDefault();
}
