using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Hokusai.SystemTests.Conformance;

public sealed class ScenarioReplayerTests : IAsyncLifetime
{
    private readonly WebApplication _server;

    public ScenarioReplayerTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    private string Url => _server.Urls.Single();

    public async ValueTask InitializeAsync() => await _server.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task ReplayAsync_AnswersAsRecorded_FindsNoDifference() => Assert.Empty(await ReplayAsync("""
        {"method": "POST", "path": "/echo/%2e%2e/a", "query": {"q": "a b"}, "json": {"x": 1}, "save": {"target": "target"}, "expect": {"status": 200,
            "json": {"method": "POST", "target": "/base/echo/%2e%2e/a?q=a+b", "type": "application/json", "key": "k", "body": "{\"x\":1}"}}},
        {"method": "PUT", "path": "/echo", "bytes": "", "expect": {"status": 200, "json": {"method": "PUT", "target": "/base/echo", "type": "", "key": "k", "body": ""}}},
        {"method": "POST", "path": "/echo", "raw": "${target}", "headers": {"Content-Type": "text/plain"}, "expect": {"status": 200,
            "json": {"method": "POST", "target": "/base/echo", "type": "text/plain", "key": "k", "body": "/base/echo/%2e%2e/a?q=a+b"}}},
        {"method": "GET", "path": "/text", "expect": {"status": 200, "text": "é"}},
        {"method": "GET", "path": "/text", "expect": {"status": 200, "bytes": "w6k="}},
        {"method": "GET", "path": "/moved", "expect": {"status": 302}}
        """));

    [Fact]
    public async Task ReplayAsync_OtherAnswers_TellsEachStep()
    {
        var differences = await ReplayAsync("""
            {"method": "GET", "path": "/text", "expect": {"status": 404}},
            {"method": "GET", "path": "/text", "title": "a text", "expect": {"status": 200, "text": "e"}},
            {"method": "GET", "path": "/text", "expect": {"status": 200, "bytes": "ZQ=="}},
            {"method": "GET", "path": "/text", "expect": {"status": 200, "json": {}}},
            {"method": "GET", "path": "/empty", "expect": {"status": 200, "json": {}}},
            {"method": "GET", "path": "/broken", "expect": {"status": 200, "json": {}}},
            {"method": "GET", "path": "/echo", "save": {"x": "no.0.such"}, "expect": {"status": 200}},
            {"method": "GET", "path": "/abort", "expect": {"status": 200}}
            """);

        Assert.Collection(differences,
            line => Assert.Equal("test[0] GET /text -- status 200, expected 404: é", line),
            line => Assert.Equal("test[1] a text -- other text: é", line),
            line => Assert.Equal("test[2] GET /text -- other bytes (2 instead of 1): é", line),
            line => Assert.Equal("test[3] GET /text -- $: expected an object, got \"\\u00E9\"", line),
            line => Assert.Equal("test[4] GET /empty -- $: expected an object, got nothing", line),
            line => Assert.StartsWith("test[5] GET /broken -- $: has not JSON besides", line, StringComparison.Ordinal),
            line => Assert.StartsWith("test[6] GET /echo -- nothing to save as x: no no.0.such in {", line, StringComparison.Ordinal),
            line => Assert.StartsWith("test[7] GET /abort -- no answer: ", line, StringComparison.Ordinal));
    }

    private async Task<IReadOnlyList<string>> ReplayAsync(string steps)
    {
        var scenario = JsonSerializer.Deserialize<Scenario>($$"""{"name": "test", "about": "", "steps": [{{steps}}]}""", JsonSerializerOptions.Web)!;
        using var replayer = new ScenarioReplayer(Url + "/base/", new Dictionary<string, string> { ["X-API-Key"] = "k" });
        return await replayer.ReplayAsync(scenario, TestContext.Current.CancellationToken);
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var response = context.Response;
        if (target == "/base/abort") context.Abort();
        else if (target == "/base/moved") response.Redirect("/base/text");
        else if (target == "/base/text") await response.WriteAsync("é");
        else if (target is "/base/empty" or "/base/broken")
        {
            response.ContentType = "application/json";
            await response.WriteAsync(target == "/base/empty" ? "" : "{");
        }
        else
        {
            using var reader = new StreamReader(context.Request.Body);
            var request = context.Request;
            await response.WriteAsJsonAsync(new { method = request.Method, target, type = request.ContentType ?? "", key = request.Headers["X-API-Key"].ToString(), body = await reader.ReadToEndAsync() });
        }
    }
}
