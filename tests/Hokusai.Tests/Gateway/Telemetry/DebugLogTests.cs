using System.Text;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Telemetry;
using Hokusai.Gateway.Telemetry.Debugging;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Gateway.Telemetry;

public sealed class DebugLogTests
{
    private readonly FakeTimeProvider _time = new(Entries.Start);
    private readonly CollectedLog _log = new();
    private readonly DebugLogSwitch _switch;

    public DebugLogTests() => _switch = new DebugLogSwitch(_time);

    [Fact]
    public void Match_KeyOrPath_UntilItEnds()
    {
        Assert.False(_switch.IsOn);
        _switch.Add("k_one", null, TimeSpan.FromMinutes(15), "k_admin");
        _switch.Add(null, "/api/2.0/mlflow/runs", TimeSpan.FromDays(3), "k_admin");
        Assert.Equal("k_one", _switch.Match("k_one", "/version")?.KeyId);
        Assert.Null(_switch.Match("k_two", "/version"));
        Assert.NotNull(_switch.Match(null, "/api/2.0/mlflow/runs/get"));
        _time.Advance(TimeSpan.FromMinutes(15));
        Assert.Null(_switch.Match("k_one", "/version"));
        Assert.Single(_switch.Rules());
        _time.Advance(TimeSpan.FromHours(24));
        Assert.Null(_switch.Match(null, "/api/2.0/mlflow/runs/get"));
        Assert.False(_switch.IsOn);
    }

    [Fact]
    public async Task Endpoint_Life_OfARule()
    {
        using var made = await CallAsync("POST", "", """{"path": "/api/mlflow/api/2.0/mlflow/runs"}""", 201);
        Assert.Equal(("/api/2.0/mlflow/runs", "2026-03-01T12:15:00Z", "k_admin"), (made.RootElement.GetProperty("path").GetString(), made.RootElement.GetProperty("expires_at").GetString(), made.RootElement.GetProperty("set_by").GetString()));
        using var timed = await CallAsync("POST", "", """{"key_id": "k_one", "minutes": 1440}""", 201);
        using var listed = await CallAsync("GET", "", null, 200);
        Assert.Equal(2, listed.RootElement.GetProperty("rules").GetArrayLength());
        using var gone = await CallAsync("DELETE", "/" + made.RootElement.GetProperty("id").GetString(), null, 200);
        using var unknown = await CallAsync("DELETE", "/nothing", null, 404);
        using var all = await CallAsync("DELETE", "", null, 200);
        Assert.False(_switch.IsOn);
        Assert.Equal([2302, 2302, 2303, 2303], _log.Lines.Select(l => l.Id.Id));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"path": "runs"}""")]
    [InlineData("""{"path": "/runs", "minutes": 0}""")]
    [InlineData("""{"path": "/runs", "minutes": 1441}""")]
    [InlineData("""{"path": "/runs", "hours": 1}""")]
    public async Task Endpoint_BadBody_Is400(string body)
    {
        using var answer = await CallAsync("POST", "", body, 400);
        Assert.False(_switch.IsOn);
    }

    [Fact]
    public async Task Endpoint_KeyInPlaceOfItsId_IsRefusedAndNotRepeated()
    {
        var key = ApiKey.Mint().Reveal();
        using var answer = await CallAsync("POST", "", $$"""{"key_id": "{{key}}"}""", 400);
        Assert.DoesNotContain(key[12..], answer.RootElement.GetRawText() + _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoint_TooManyRules_IsRefused()
    {
        for (var i = 0; i < DebugLogSwitch.MostRules; i++) _switch.Add($"k_{i}", null, TimeSpan.FromHours(1), "k_admin");
        using var answer = await CallAsync("POST", "", """{"key_id": "k_one"}""", 400);
        Assert.Equal(DebugLogSwitch.MostRules, _switch.Rules().Count);
    }

    [Fact]
    public async Task Endpoint_WithoutScopeAdmin_Is403()
    {
        using var answer = await CallAsync("GET", "", null, 403, Scopes.Read, Scopes.Write, Scopes.ModelWrite);
        Assert.Equal("PERMISSION_DENIED", answer.RootElement.GetProperty("error_code").GetString());
    }

    [Fact]
    public async Task Capture_Exchange_IsLoggedWithoutSecrets()
    {
        var key = ApiKey.Mint().Reveal();
        var secret = key[12..];
        var http = Entries.Request("POST", $"/api/mlflow/x?token={key.Replace("_", "%5f", StringComparison.Ordinal)}", $$"""{"name": "model", "note": "{{key}}", "odd": "{{key.Replace("_", "\\u005F", StringComparison.Ordinal)}}"}""");
        http.Request.Headers.Authorization = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("user:" + key))}";
        http.Request.Headers["X-API-Key"] = key;
        http.Request.Headers.Cookie = "session=abcdef";
        http.Request.Headers["X-Odd"] = $"it is {key}";
        http.Request.Headers.UserAgent = "mlflow-python-client/3.4.1";
        var capture = new DebugCapture(Rule(), http, isArtifact: false);
        capture.Attach(http);
        using (var reader = new StreamReader(http.Request.Body)) Assert.Contains(secret, await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        http.Response.StatusCode = 201;
        http.Response.Headers.SetCookie = "session=ghijkl";
        await http.Response.Body.WriteAsync("""{"answer": 42}"""u8.ToArray(), TestContext.Current.CancellationToken);
        await http.Response.BodyWriter.WriteAsync("tail"u8.ToArray(), TestContext.Current.CancellationToken);
        await http.Response.CompleteAsync();
        capture.Write(_log, http, "abc");

        Assert.Equal([2300, 2301], _log.Lines.Select(l => l.Id.Id));
        Assert.DoesNotContain(secret, _log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Basic ", _log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("session=", _log.Text, StringComparison.Ordinal);
        Assert.Contains("mlflow-python-client/3.4.1", _log.Text, StringComparison.Ordinal);
        Assert.Contains("\"name\": \"model\"", _log.Text, StringComparison.Ordinal);
        Assert.Contains("answered 201", _log.Text, StringComparison.Ordinal);
        Assert.Contains("""{"answer": 42}tail""", _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Capture_LargeBody_IsCutAndPassedWhole()
    {
        var http = Entries.Request("POST", "/x", new string('a', 5000));
        var capture = new DebugCapture(Rule(), http, isArtifact: false);
        using var passed = new MemoryStream();
        await capture.TeeRequest(http.Request.Body).CopyToAsync(passed, TestContext.Current.CancellationToken);
        capture.Write(_log, http, "abc");
        Assert.Equal(5000, passed.Length);
        Assert.Contains(new string('a', BodyHead.Limit) + "… (5000 bytes in all)", _log.Lines[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('a', BodyHead.Limit + 1), _log.Lines[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Capture_KeyAtTheCut_IsNotShown()
    {
        var key = ApiKey.Mint().Reveal();
        for (var left = 8; left <= 40; left += 4)
        {
            var head = new BodyHead();
            using var tee = new TeeStream(new MemoryStream(), head);
            tee.Write(Encoding.UTF8.GetBytes(new string('a', BodyHead.Limit - left) + key));
            Assert.DoesNotContain(key[..14], Redaction.Text(Encoding.UTF8.GetString(head.Read().Head)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Capture_Artifact_HasNoBody()
    {
        var http = Entries.Request("PUT", "/x", "model bytes");
        var capture = new DebugCapture(Rule(), http, isArtifact: true);
        Assert.Same(http.Request.Body, capture.TeeRequest(http.Request.Body));
        capture.Write(_log, http, "abc");
        Assert.All(_log.Lines, l => Assert.EndsWith("(artifact, not shown)", l.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Capture_CompressedOrBinary_IsNotShown()
    {
        var http = Entries.Request("POST", "/x", "a\0b");
        http.Response.Headers.ContentEncoding = "gzip";
        var capture = new DebugCapture(Rule(), http, isArtifact: false);
        capture.Attach(http);
        await http.Request.Body.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        await http.Response.Body.WriteAsync("zipped"u8.ToArray(), TestContext.Current.CancellationToken);
        capture.Write(_log, http, "abc");
        Assert.EndsWith("(3 bytes, binary)", _log.Lines[0].Text, StringComparison.Ordinal);
        Assert.EndsWith("(6 bytes, gzip)", _log.Lines[1].Text, StringComparison.Ordinal);
    }

    private DebugRule Rule() => _switch.Add("k_one", null, TimeSpan.FromMinutes(1), "k_admin")!;

    private async Task<JsonDocument> CallAsync(string method, string rest, string? body, int status, params string[] scopes)
    {
        var http = Entries.Request(method, DebugEndpoint.Path + rest, body);
        var endpoint = new DebugEndpoint(_switch, new TelemetryOptions(), TimeProvider.System, _log);
        Assert.True(await endpoint.TryAnswerAsync(http, DebugEndpoint.Path + rest, Entries.Key("k_admin", scopes.Length == 0 ? [Scopes.Admin] : scopes)));
        Assert.Equal(status, http.Response.StatusCode);
        return JsonDocument.Parse(Entries.Answer(http));
    }
}
