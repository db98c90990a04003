using System.Text.Json;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway;

/// <summary><c>/hokusai/dependencies</c>: every dependency as it is, whatever fails; and whatever fails, the gateway lives.</summary>
public sealed class DependenciesTests
{
    private const string Search = "/api/2.0/mlflow/experiments/search";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    [Fact(Timeout = Deadlines.Test)]
    public async Task Report_AuthServiceAnswers_IsUpWithItsLatencyAndBreaker()
    {
        await using var hop = await GatewayHop.StartAsync();
        using (await hop.Client().GetAsync(Search, TestContext.Current.CancellationToken)) { }

        var auth = await Dependencies.ReadAsync(hop.Url, "auth");

        Assert.Equal(("up", hop.Auth.Url), (auth.Text("state"), auth.Only("addresses")));
        Assert.True(auth.Number("latency_ms") > 0);
        Assert.Equal("closed", auth.Breaker("auth"));
        Assert.Equal(["artifacts", "metadata"], (await Dependencies.ReadAsync(hop.Url, "mlflow")).BreakerNames);
        Assert.Equal(["mlflow", "auth"], await Dependencies.NamesAsync(hop.Url));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Report_EverythingIsAway_SaysSoAndTheGatewayLives()
    {
        using var taken = RawServer.Refusing(out var nobody);
        // A breaker opens for seconds: with a clock that stands still it is open however long this takes.
        await using var hop = await GatewayHop.StartAsync(time: new HeldTime(TimeProvider.System.GetUtcNow()), configure: options => options with { AuthService = nobody, Upstream = nobody, Redis = new Uri(nobody).Authority + ",password=hunter2" });
        var client = hop.Client();
        for (var i = 0; i < 10; i++)
            using (await client.GetAsync(Search, TestContext.Current.CancellationToken)) { }
        using (var ready = await client.GetAsync("/hokusai/ready", TestContext.Current.CancellationToken)) Assert.Equal(503, (int)ready.StatusCode);

        var auth = await Dependencies.ReadAsync(hop.Url, "auth");

        Assert.Equal(("down", "It can't be connected to.", "open"), (auth.Text("state"), auth.Text("last_error"), auth.Breaker("auth")));
        Assert.Contains("8 of 8 calls failed", auth.OpenReason("auth"), StringComparison.Ordinal);
        Assert.Equal("down", (await Dependencies.ReadAsync(hop.Url, "mlflow")).Text("state"));
        var redis = await Dependencies.ReadAsync(hop.Url, "redis");
        Assert.Equal(("down", new Uri(nobody).Authority), (redis.Text("state"), redis.Only("addresses")));
        Assert.DoesNotContain("hunter2", await client.GetStringAsync("/hokusai/dependencies", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("hokusai_gateway_breaker_state{breaker=\"auth\"} 2", await client.GetStringAsync("/hokusai/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        foreach (var path in (string[])["/health", "/hokusai/live"]) Assert.Equal("OK", await client.GetStringAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Report_AuthServiceThatDoesNotKnowTheGateway_IsDown()
    {
        await using var hop = await GatewayHop.StartAsync(validate: ScriptedServer.Answer(422, """{"error_code":"SERVICE_UNKNOWN","message":"?"}"""));
        using (await hop.Client().GetAsync(Search, TestContext.Current.CancellationToken)) { }

        var auth = await Dependencies.ReadAsync(hop.Url, "auth");

        Assert.Equal("down", auth.Text("state"));
        Assert.Contains("hokusai-gateway", auth.Text("last_error"), StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Report_RedisGoesAndComesBack_IsToldBothTimes()
    {
        await using var server = await RedisServer.StartNewAsync();
        await using var hop = await GatewayHop.StartAsync(configure: options => options with { Redis = server.Configuration });
        await Until.TrueAsync("reachable", Soon, async () => (await Dependencies.ReadAsync(hop.Url, "redis")).Text("state") == "up");

        await server.KillAsync();
        // That it is gone can be seen a moment before somebody has written down why.
        await Until.TrueAsync("away, with a reason", Soon, async () => await Dependencies.ReadAsync(hop.Url, "redis") is var redis && redis.Text("state") == "down" && redis.Has("last_error"));
        await server.StartAgainAsync();

        await Until.TrueAsync("back", Soon, async () =>
        {
            // The shield returns to it with the next create.
            using var answer = await hop.Client().PostAsync("/api/2.0/mlflow/runs/create", new StringContent("{}"), TestContext.Current.CancellationToken);
            return (await Dependencies.ReadAsync(hop.Url, "redis")).Text("state") == "up";
        });
    }
}

/// <summary>One dependency of the report.</summary>
internal sealed class Dependencies(JsonElement dependency)
{
    public IEnumerable<string> BreakerNames => dependency.GetProperty("breakers").EnumerateObject().Select(breaker => breaker.Name).Order(StringComparer.Ordinal);

    public static async Task<Dependencies> ReadAsync(string url, string name) => new((await AllAsync(url)).Single(one => one.GetProperty("name").GetString() == name));

    public static async Task<IReadOnlyList<string>> NamesAsync(string url) => [.. (await AllAsync(url)).Select(one => one.GetProperty("name").GetString()!)];

    public string Text(string name) => dependency.GetProperty(name).GetString()!;

    public bool Has(string name) => dependency.TryGetProperty(name, out _);

    public double Number(string name) => dependency.GetProperty(name).GetDouble();

    public string Only(string name) => Assert.Single(dependency.GetProperty(name).EnumerateArray()).GetString()!;

    public string Breaker(string name) => dependency.GetProperty("breakers").GetProperty(name).GetString()!;

    public string OpenReason(string name) => dependency.GetProperty("open_breakers").GetProperty(name).GetProperty("reason").GetString()!;

    private static async Task<IReadOnlyList<JsonElement>> AllAsync(string url)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var text = await client.GetStringAsync(new Uri(url + "/hokusai/dependencies"), TestContext.Current.CancellationToken);
        return [.. JsonDocument.Parse(text).RootElement.GetProperty("dependencies").EnumerateArray()];
    }
}
