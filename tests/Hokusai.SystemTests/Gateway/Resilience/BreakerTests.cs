using System.Globalization;
using System.Text.Json;
using Hokusai.Gateway.Resilience;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>An upstream that fails most calls is left alone, says so, and is asked once whether it is over; artifacts for themselves.</summary>
[Collection(UnderLoad.Name)]
public sealed class BreakerTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan OpenFor = new CircuitBreakerOptions().OpenFor;

    private const string Write = "/api/2.0/mlflow/runs/log-metric";
    private const string Artifact = "/api/2.0/mlflow-artifacts/artifacts/model/a.bin";

    // Stands still, so that the breaker is open for as long as the test looks at it.
    private readonly HeldTime _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _metadataFails, _artifactsFail, _holds;
    private UpstreamTask _upstream = null!;
    private GatewayHop _hop = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = UpstreamTask.Start("127.0.0.1", 0, AnswerAsync);
        _hop = await GatewayHop.StartAsync(configure: options => options with { Upstream = $"http://{_upstream.Address}" }, time: _time);
        _client = _hop.Client();
    }

    public async ValueTask DisposeAsync()
    {
        _release.TrySetResult();
        await _hop.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_MostCallsFail_OpensProbesOnceAndCloses()
    {
        _metadataFails = true;
        for (var i = 0; i < 8; i++) Assert.Equal((503, "busy"), await StatusAsync(Write));

        await AssertOpenAsync(Write);
        Assert.Equal(8, _upstream.Served);
        Assert.Equal(200, (await StatusAsync(Artifact, HttpMethod.Get)).Status);
        Assert.Equal(("open", "closed"), await ShownAsync());

        (_metadataFails, _holds) = (false, true);
        _time.Advance(OpenFor - new TimeSpan(1));
        await AssertOpenAsync(Write);
        _time.Advance(new TimeSpan(1));
        await Until.TrueAsync("a probe is let through", Soon, async () => await StatesAsync() is ("half-open", _) || await ProbeAsync());
        var others = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => StatusAsync(Write)));
        Assert.All(others, other => Assert.Equal((503, "HKS-OPEN"), other));
        _release.TrySetResult();
        await Until.TrueAsync("the breaker is closed", Soon, async () => await StatesAsync() is ("closed", _));

        Assert.Equal((200, ""), await StatusAsync(Write));
        Assert.Equal(("closed", "closed"), await ShownAsync());
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_ArtifactsFail_MetadataGoesOn()
    {
        _artifactsFail = true;
        for (var i = 0; i < 8; i++) Assert.Equal(503, (await StatusAsync(Artifact, HttpMethod.Put)).Status);

        await AssertOpenAsync(Artifact, HttpMethod.Put);
        Assert.Equal((200, ""), await StatusAsync(Write));
        Assert.Equal(("closed", "open"), await ShownAsync());
    }

    private async Task AssertOpenAsync(string path, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, path) { Content = new StringContent("{}") };
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var error = await ErrorAnswer.ReadAsync(answer);
        Assert.Equal((503, "TEMPORARILY_UNAVAILABLE", "HKS-OPEN"), (error.Status, error.ErrorCode, error.Code));
        Assert.InRange(int.Parse(answer.Headers.RetryAfter!.ToString(), CultureInfo.InvariantCulture), 1, 2);
        Assert.Equal("hokusai-gateway; error=destination_unavailable", Assert.Single(answer.Headers.GetValues("Proxy-Status")));
    }

    // Sends a call that the upstream holds; whether it got there before anybody could wait for it.
    private async Task<bool> ProbeAsync()
    {
        var before = _upstream.Served;
        var probe = StatusAsync(Write);
        await Until.TrueAsync("refused or held", Soon, async () => probe.IsCompleted || await StatesAsync() is ("half-open", _));
        return !probe.IsCompleted && _upstream.Served == before;
    }

    private async Task<(int Status, string Code)> StatusAsync(string path, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, path) { Content = method == HttpMethod.Get ? null : new StringContent("{}") };
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, text.Contains("HKS-OPEN", StringComparison.Ordinal) ? "HKS-OPEN" : text);
    }

    /// <summary>The states in the report, which must be those in the metrics.</summary>
    private async Task<(string Metadata, string Artifacts)> ShownAsync()
    {
        var states = await StatesAsync();
        var metrics = await _client.GetStringAsync("/hokusai/metrics", TestContext.Current.CancellationToken);
        foreach (var (breaker, state) in (ReadOnlySpan<(string, string)>)[("metadata", states.Metadata), ("artifacts", states.Artifacts)])
            Assert.Contains($"hokusai_gateway_breaker_state{{breaker=\"{breaker}\"}} {(state == "open" ? 2 : state == "closed" ? 0 : 1)}", metrics, StringComparison.Ordinal);
        // Alarms stand on the openings: an open breaker whose counter stays at nothing would wake nobody.
        if (states.Metadata == "open") Assert.Contains("hokusai_gateway_breaker_openings_total{breaker=\"metadata\"} ", metrics, StringComparison.Ordinal);
        return states;
    }

    private async Task<(string Metadata, string Artifacts)> StatesAsync()
    {
        using var report = JsonDocument.Parse(await _client.GetStringAsync("/hokusai/dependencies", TestContext.Current.CancellationToken));
        var breakers = report.RootElement.GetProperty("dependencies").EnumerateArray().First(d => d.GetProperty("name").GetString() == "mlflow").GetProperty("breakers");
        return (breakers.GetProperty("metadata").GetString()!, breakers.GetProperty("artifacts").GetString()!);
    }

    private async Task<TaskAnswer> AnswerAsync(TaskRequest request)
    {
        var artifact = request.Target.Contains("artifacts", StringComparison.Ordinal);
        if (artifact ? _artifactsFail : _metadataFails) return new TaskAnswer(503, "busy");
        if (!artifact && _holds) await _release.Task;
        return new TaskAnswer(200, "");
    }
}
