using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Telemetry;
using Hokusai.Gateway.Telemetry.Journal;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Gateway.Telemetry;

public sealed class WhyEndpointTests
{
    private readonly ExchangeJournal _journal = new(new TelemetryOptions(), new FakeTimeProvider(Entries.Start));

    [Fact]
    public async Task TryAnswer_OwnRequest_TellsItAll()
    {
        _journal.Add(Entries.Failed("abc"));
        using var json = await AskAsync("abc", Entries.Key("k_one"), 200);
        var root = json.RootElement;
        Assert.Equal("HKS-UP-CONNECT", root.GetProperty("code").GetString());
        Assert.Equal("ConnectFailed", root.GetProperty("place").GetString());
        Assert.Equal("The MLflow server takes no connection. Nobody listens there.", root.GetProperty("cause").GetString());
        Assert.Equal(Failures.Of(FailurePlace.ConnectFailed).Hint, root.GetProperty("hint").GetString());
        Assert.Equal("open", root.GetProperty("breakers").GetProperty("metadata").GetString());
        var second = root.GetProperty("attempts")[1];
        Assert.Equal(("10.0.1.6:5000", 60, 2000, "stale connection"), (second.GetProperty("address").GetString(), second.GetProperty("started_after_ms").GetDouble(), second.GetProperty("took_ms").GetDouble(), second.GetProperty("retry_reason").GetString()));
        Assert.Equal(
            [
                "GET /api/2.0/mlflow/runs/get came from 10.0.0.7",
                "key k_one was found in Authorization: Bearer; the remembered verdict took 0.2 ms",
                "attempt 1: 10.0.1.5:5000 over a pooled connection",
                "attempt 1 failed after 3.0 ms at UpstreamReset",
                "attempt 2 because of stale connection: 10.0.1.6:5000",
                "attempt 2 failed after 2000.0 ms at ConnectFailed",
                "circuit breakers stood at: metadata open, artifacts closed, auth closed",
                "answered 502 (HKS-UP-CONNECT, ConnectFailed); 17 bytes in, 200 bytes out",
            ],
            root.GetProperty("story").EnumerateArray().Select(e => e.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task TryAnswer_SomebodyElsesRequest_LooksUnknown()
    {
        _journal.Add(Entries.Good("abc", "k_one"));
        using var other = await AskAsync("abc", Entries.Key("k_two", Scopes.Read, Scopes.Write, Scopes.ModelWrite), 404);
        Assert.Equal("RESOURCE_DOES_NOT_EXIST", other.RootElement.GetProperty("error_code").GetString());
        using var admin = await AskAsync("abc", Entries.Key("k_two", Scopes.Admin), 200);
        Assert.Equal("k_one", admin.RootElement.GetProperty("key_id").GetString());
    }

    [Fact]
    public async Task TryAnswer_RequestWithoutKey_IsForAdminsOnly()
    {
        _journal.Add(Entries.Good("abc") with { KeyId = null });
        using var other = await AskAsync("abc", Entries.Key("k_one"), 404);
        using var admin = await AskAsync("abc", Entries.Key("k_one", Scopes.Admin), 200);
        Assert.False(admin.RootElement.TryGetProperty("key_id", out _));
    }

    [Fact]
    public async Task TryAnswer_Unknown_SaysHowFarBackTheMemoryGoes()
    {
        using var json = await AskAsync("nobody", Entries.Key("k_one"), 404);
        Assert.Contains("since 2026-03-01T12:00:00Z (the last 10000)", json.RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("%2e")]
    public async Task TryAnswer_NoId_Is400(string id)
    {
        using var json = await AskAsync(id, Entries.Key("k_one"), 400);
        Assert.Equal("HKS-WHY-ID", json.RootElement.GetProperty("hokusai").GetProperty("code").GetString());
    }

    [Fact]
    public async Task TryAnswer_OtherMethodOrPath_IsNotAnswered()
    {
        var post = Entries.Request("POST", "/hokusai/why/abc");
        Assert.True(await new WhyEndpoint(_journal).TryAnswerAsync(post, "/hokusai/why/abc", Entries.Key("k_one")));
        Assert.Equal((405, "GET, HEAD"), (post.Response.StatusCode, post.Response.Headers.Allow.ToString()));
        Assert.False(await new WhyEndpoint(_journal).TryAnswerAsync(Entries.Request("GET", "/hokusai/whynot"), "/hokusai/whynot", Entries.Key("k_one")));
    }

    [Fact]
    public void Story_EveryPlace_HasCauseAndHint()
    {
        foreach (var place in Enum.GetValues<FailurePlace>())
        {
            var entry = Entries.Good("a") with { Failure = place, Status = Failures.Of(place).Status };
            Assert.NotEmpty(RequestStory.Of(entry));
            Assert.NotNull(RequestStory.Cause(entry));
        }
        Assert.Null(RequestStory.Cause(Entries.Good("a")));
        Assert.StartsWith("MLflow itself answered 500", RequestStory.Cause(Entries.Good("a") with { Status = 500 })!.Value.Cause, StringComparison.Ordinal);
    }

    private async Task<JsonDocument> AskAsync(string id, ValidatedKey key, int status)
    {
        var http = Entries.Request("GET", WhyEndpoint.Prefix + id);
        Assert.True(await new WhyEndpoint(_journal).TryAnswerAsync(http, WhyEndpoint.Prefix + id, key));
        Assert.Equal((status, "application/json", "no-store"), (http.Response.StatusCode, http.Response.ContentType, http.Response.Headers.CacheControl.ToString()));
        return JsonDocument.Parse(Entries.Answer(http));
    }
}
