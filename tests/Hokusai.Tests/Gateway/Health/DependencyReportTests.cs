using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Health;
using Hokusai.Gateway.Resilience;
using Hokusai.Tests.Gateway.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Gateway.Health;

public sealed class DependencyReportTests
{
    private readonly FakeTimeProvider _time = new(Entries.Start);

    [Fact]
    public async Task Endpoint_Dependencies_AreToldWithTheirState()
    {
        var mlflow = new DependencyWatch("mlflow", _time);
        var auth = new DependencyWatch("auth", _time);
        mlflow.Succeeded(TimeSpan.FromMilliseconds(3));
        auth.Succeeded(TimeSpan.FromMilliseconds(1));
        _time.Advance(TimeSpan.FromSeconds(10));
        mlflow.Failed("connect refused");
        auth.Succeeded(TimeSpan.FromMilliseconds(2));
        _time.Advance(TimeSpan.FromSeconds(5));
        mlflow.Failed("connect refused");
        using var json = await AskAsync(() => mlflow.Read(["10.0.1.5:5000"], [("metadata", BreakerState.Open)]), () => auth.Read(["auth:8002"]), () => new DependencyWatch("dns", _time).Read([]));
        var root = json.RootElement;
        Assert.Equal("down", root.GetProperty("state").GetString());
        var first = root.GetProperty("dependencies")[0];
        Assert.Equal(("mlflow", "down", "connect refused", 5), (first.GetProperty("name").GetString(), first.GetProperty("state").GetString(), first.GetProperty("last_error").GetString(), first.GetProperty("for_seconds").GetDouble()));
        Assert.Equal("open", first.GetProperty("breakers").GetProperty("metadata").GetString());
        var second = root.GetProperty("dependencies")[1];
        Assert.Equal(("up", 2, "2026-03-01T12:00:00.000Z"), (second.GetProperty("state").GetString(), second.GetProperty("latency_ms").GetDouble(), second.GetProperty("since").GetString()));
        Assert.Equal("unknown", root.GetProperty("dependencies")[2].GetProperty("state").GetString());
    }

    [Fact]
    public async Task Endpoint_Secrets_AreNotShown()
    {
        var key = ApiKey.Mint().Reveal();
        var redis = new DependencyWatch("redis", _time);
        redis.Failed($"rediss://user:pass%20word@redis:6379 refused {key}");
        using var json = await AskAsync(() => redis.Read(["redis://:hunter2@redis:6379"]));
        var text = json.RootElement.GetRawText();
        foreach (var secret in (string[])[key[12..], "hunter2", "pass%20word"]) Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        Assert.Contains("rediss://(redacted)@redis:6379 refused", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Watch_LastError_StaysWhenItIsUpAgain()
    {
        var watch = new DependencyWatch("auth", _time);
        watch.Failed("no answer");
        _time.Advance(TimeSpan.FromSeconds(1));
        watch.Succeeded(TimeSpan.FromMilliseconds(2));
        var state = watch.Read([]);
        Assert.Equal((DependencyHealth.Up, "no answer", Entries.Start + TimeSpan.FromSeconds(1)), (state.Health, state.LastError, state.Since));
    }

    private async Task<JsonDocument> AskAsync(params Func<DependencyState>[] providers)
    {
        var http = Entries.Request("GET", DependenciesEndpoint.Path);
        Assert.True(await new DependenciesEndpoint(providers, _time).TryAnswerAsync(http, DependenciesEndpoint.Path));
        Assert.Equal(200, http.Response.StatusCode);
        return JsonDocument.Parse(Entries.Answer(http));
    }
}
