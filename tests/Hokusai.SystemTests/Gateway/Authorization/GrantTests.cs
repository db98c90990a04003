using System.Globalization;
using System.Text;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Gateway.Authorization;

/// <summary>A key with grants, a gateway and a real tracking server.</summary>
public sealed class GrantTests
{
    private const string V2 = "/api/2.0/mlflow/";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = Deadlines.Test)]
    public async Task Run_OfAnExperimentThatTheKeyReaches_IsItsOwnAndOthersAreNot()
    {
        await using var world = await World.StartAsync();
        var open = await world.IdOfAsync("open-1");
        var secret = await world.IdOfAsync("secret-1");
        var mine = await RunAsync(world.Limited, open);
        var theirs = await RunAsync(world.Admin, secret);

        Assert.Equal(200, (await PostAsync(world.Limited, "runs/log-parameter", new { run_id = mine, key = "k", value = "v" })).Status);
        Assert.Equal(403, (await PostAsync(world.Limited, "runs/log-parameter", new { run_id = theirs, key = "k", value = "v" })).Status);
        Assert.Equal(403, (await PostAsync(world.Limited, "runs/create", new { experiment_id = secret })).Status);
        Assert.Equal(403, (await PostAsync(world.Limited, "runs/search", new { experiment_ids = new[] { open, secret } })).Status);
        Assert.Equal(200, (await PostAsync(world.Limited, "runs/search", new { experiment_ids = new[] { open } })).Status);
        Assert.Equal(200, await PutAsync(world.Limited, $"{open}/{mine}/artifacts/a.txt"));
        Assert.Equal(403, await PutAsync(world.Limited, $"{secret}/{theirs}/artifacts/a.txt"));
        Assert.Equal(200, (await PostAsync(world.Limited, "experiments/create", new { name = "open-new" })).Status);
        Assert.Equal(403, (await PostAsync(world.Limited, "experiments/create", new { name = "new" })).Status);
        Assert.Equal(404, (await GetAsync(world.Limited, "experiments/get-by-name?experiment_name=open-none")).Status);
        // The refused ones left no trace.
        Assert.DoesNotContain("\"k\"", (await GetAsync(world.Admin, "runs/get?run_id=" + theirs)).Body, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Rename_ThroughTheGateway_CountsAtOnce()
    {
        await using var world = await World.StartAsync();
        var id = await world.IdOfAsync("open-1");
        Assert.Equal(200, (await GetAsync(world.Limited, "experiments/get?experiment_id=" + id)).Status);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(200, (await PostAsync(world.Admin, "experiments/update", new { experiment_id = id, new_name = "closed" })).Status);
            Assert.Equal(403, (await GetAsync(world.Limited, "experiments/get?experiment_id=" + id)).Status);
            Assert.Equal(200, (await PostAsync(world.Admin, "experiments/update", new { experiment_id = id, new_name = "open-1" })).Status);
            Assert.Equal(200, (await GetAsync(world.Limited, "experiments/get?experiment_id=" + id)).Status);
        }
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("GET", "experiments/search", "experiments", 7)]
    [InlineData("POST", "experiments/search", "experiments", 7)]
    [InlineData("GET", "registered-models/search", "registered_models", 1)]
    [InlineData("GET", "model-versions/search", "model_versions", 3)]
    public async Task Search_PageByPage_GivesWhatIsReachedOnceInFullPages(string method, string path, string list, int size)
    {
        await using var world = await World.StartAsync();
        var expected = (await PageAsync(world.Admin, method, path, list, 1000, null)).Names.Where(name => name.StartsWith("open-", StringComparison.Ordinal)).ToList();
        Assert.True(expected.Count > size * 2, $"only {expected.Count} items");

        List<string> seen = [];
        string? token = null;
        do
        {
            var (names, next) = await PageAsync(world.Limited, method, path, list, size, token);
            Assert.True(names.Count == size || next is null);
            Assert.NotEmpty(names);
            seen.AddRange(names);
            token = next;
        }
        while (token is not null);

        Assert.Equal(expected, seen);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Search_WithSettingsThatMlflowRefuses_HasMlflowsRefusal()
    {
        await using var world = await World.StartAsync();
        var refusal = await GetAsync(world.Limited, "registered-models/search?max_results=5000");
        Assert.Equal(400, refusal.Status);
        Assert.Contains("Invalid value 5000 for parameter 'max_results'", refusal.Body, StringComparison.Ordinal);
        Assert.Equal(400, (await GetAsync(world.Limited, "registered-models/search?filter=nonsense")).Status);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_ALargeOrChunkedBodyOfAKeyWithGrants_ArrivesWhole()
    {
        await using var hop = await GatewayHop.StartAsync(validate: GatewayHop.Granted(null, ["open*"]));
        var body = Encoding.UTF8.GetBytes($$"""{"name": "open-1", "description": "{{new string('x', 600_000)}}"}""");
        using var content = new ByteArrayContent(body);
        using var request = new HttpRequestMessage(HttpMethod.Patch, V2 + "registered-models/update") { Content = content, Headers = { TransferEncodingChunked = true } };
        using (var answer = await hop.Client().SendAsync(request, Cancellation)) Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal(body, hop.Upstream.Only.Body);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("mlflow:read", "{ a }", 200)]
    [InlineData("mlflow:read", "mutation { a }", 403)]
    [InlineData("mlflow:read,mlflow:write", "mutation { a }", 200)]
    public async Task Graph_Document_DecidesOnTheScope(string scopes, string document, int status)
    {
        await using var hop = await GatewayHop.StartAsync(validate: GatewayHop.Good("ada", "key_1", scopes.Split(',')));
        using var answer = await hop.Client().PostAsync("/graphql", new StringContent(JsonSerializer.Serialize(new { query = document }), Encoding.UTF8, "application/json"), Cancellation);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status == 200 ? 1 : 0, hop.Upstream.Requests.Count);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Ids_OfAKeyWithGrants_AreAskedForOnce()
    {
        await using var hop = await GatewayHop.StartAsync(
            http => ScriptedServer.WriteAsync(http, 200, http.Request.Path.Value!.Contains("runs/get", StringComparison.Ordinal) ? """{"run":{"info":{"run_id":"r1","experiment_id":"1","artifact_uri":"mlflow-artifacts:/1/r1/artifacts"}}}""" : """{"experiment":{"experiment_id":"1","name":"open"}}"""),
            validate: GatewayHop.Granted(["open"], null),
            // Names are remembered for seconds.
            time: new HeldTime(TimeProvider.System.GetUtcNow()));
        for (var i = 0; i < 3; i++) Assert.Equal(200, (await GetAsync(hop.Client(), "metrics/get-history?run_id=r1&metric_key=k")).Status);
        Assert.Equal([V2 + "runs/get?run_id=r1", V2 + "experiments/get?experiment_id=1"], hop.Upstream.Requests.Select(request => request.Target).Take(2));
        Assert.Equal(5, hop.Upstream.Requests.Count);
    }

    private static async Task<string> RunAsync(HttpClient client, string experiment)
    {
        var (status, body) = await PostAsync(client, "runs/create", new { experiment_id = experiment });
        Assert.Equal(200, status);
        return JsonDocument.Parse(body).RootElement.GetProperty("run").GetProperty("info").GetProperty("run_id").GetString()!;
    }

    private static async Task<(List<string> Names, string? Next)> PageAsync(HttpClient client, string method, string path, string list, int size, string? token)
    {
        var (status, body) = method == "POST"
            ? await PostAsync(client, path, token is null ? new { max_results = size } : (object)new { maxResults = size, page_token = token })
            : await GetAsync(client, string.Create(CultureInfo.InvariantCulture, $"{path}?max_results={size}{(token is null ? "" : "&page_token=" + Uri.EscapeDataString(token))}"));
        Assert.Equal(200, status);
        using var page = JsonDocument.Parse(body);
        var names = page.RootElement.TryGetProperty(list, out var items) ? items.EnumerateArray().Select(item => item.GetProperty("name").GetString()!).ToList() : [];
        return (names, page.RootElement.TryGetProperty("next_page_token", out var next) ? next.GetString() : null);
    }

    private static async Task<(int Status, string Body)> PostAsync(HttpClient client, string path, object message)
    {
        using var answer = await client.PostAsync(V2 + path, new StringContent(JsonSerializer.Serialize(message), Encoding.UTF8, "application/json"), Cancellation);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private static async Task<(int Status, string Body)> GetAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(V2 + path, Cancellation);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private static async Task<int> PutAsync(HttpClient client, string path)
    {
        using var answer = await client.PutAsync("/api/2.0/mlflow-artifacts/artifacts/" + path, new StringContent("a"), Cancellation);
        return (int)answer.StatusCode;
    }

    /// <summary>Experiments and models, most of them out of the limited key's reach.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly TrackingHost _tracking;
        private readonly GatewayHop _hop;

        private World(TrackingHost tracking, GatewayHop hop, string limited) =>
            (_tracking, _hop, Admin, Limited) = (tracking, hop, hop.Client(), hop.Gateway.Client(limited));

        public HttpClient Admin { get; }

        public HttpClient Limited { get; }

        public static async Task<World> StartAsync()
        {
            var limited = ApiKey.Mint().Reveal();
            var tracking = await TrackingHost.StartAsync(null);
            RequestDelegate granted = GatewayHop.Granted(["open-*"], ["open-*"]), good = GatewayHop.Good("root", "key_0");
            var hop = await GatewayHop.StartAsync(validate: http => (http.Request.Headers.Authorization == "Bearer " + limited ? granted : good)(http), configure: o => o with { Upstream = tracking.Url });
            var world = new World(tracking, hop, limited);
            for (var i = 1; i <= 60; i++)
            {
                var name = $"{(i % 3 == 1 ? "open" : "secret")}-{i}";
                Assert.Equal(200, (await PostAsync(world.Admin, "experiments/create", new { name })).Status);
                if (i > 30) continue;
                Assert.Equal(200, (await PostAsync(world.Admin, "registered-models/create", new { name })).Status);
                Assert.Equal(200, (await PostAsync(world.Admin, "model-versions/create", new { name, source = "s3://b/x" })).Status);
            }
            Assert.Equal(200, (await PostAsync(world.Admin, "experiments/create", new { name = "secret-1" })).Status);
            return world;
        }

        public async Task<string> IdOfAsync(string name)
        {
            using var found = JsonDocument.Parse((await GetAsync(Admin, "experiments/get-by-name?experiment_name=" + name)).Body);
            return found.RootElement.GetProperty("experiment").GetProperty("experiment_id").GetString()!;
        }

        public async ValueTask DisposeAsync()
        {
            await _hop.DisposeAsync();
            await _tracking.DisposeAsync();
        }
    }
}
