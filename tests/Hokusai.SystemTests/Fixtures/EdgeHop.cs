using Hokusai.Edge;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>An edge with the product's own routing table in front of three scripted targets.</summary>
internal sealed class EdgeHop : IAsyncDisposable
{
    private EdgeHop(Dictionary<string, ScriptedServer> targets, TestRole edge) => (Targets, Edge) = (targets, edge);

    /// <summary>The targets by the names of their groups: api, auth, mlflow.</summary>
    public IReadOnlyDictionary<string, ScriptedServer> Targets { get; }

    public TestRole Edge { get; }

    public string Url => Edge.Url;

    /// <summary>Who got requests, with the request.</summary>
    public IEnumerable<(string Target, ReceivedRequest Request)> Received => Targets.SelectMany(t => t.Value.Requests.Select(r => (t.Key, r)));

    /// <summary>Starts an edge.</summary>
    /// <param name="directAccess">Whether the loopback network may use the rules that go past the gateway.</param>
    /// <param name="api">Answers of the target api; without it, <c>{}</c>.</param>
    public static async Task<EdgeHop> StartAsync(bool directAccess = false, RequestDelegate? api = null)
    {
        var targets = new Dictionary<string, ScriptedServer>
        {
            ["api"] = await ScriptedServer.StartAsync(api, IsNoCheck),
            ["auth"] = await ScriptedServer.StartAsync(keeps: IsNoCheck),
            ["mlflow"] = await ScriptedServer.StartAsync(keeps: IsNoCheck),
        };
        var options = new EdgeOptions { Targets = targets.ToDictionary(t => t.Key, t => (IReadOnlyList<string>)[t.Value.Url]), DirectAccessNetworks = directAccess ? ["127.0.0.0/8"] : [] };
        return new EdgeHop(targets, await TestRole.EdgeAsync(options));
    }

    /// <summary>An edge whose target api is somewhere else.</summary>
    /// <param name="api">The target.</param>
    /// <param name="idle">Its idle timeout; without one the standard one, which no test comes near.</param>
    public static Task<TestRole> InFrontOfAsync(string api, TimeSpan? idle = null)
    {
        var options = new EdgeOptions { Targets = new Dictionary<string, IReadOnlyList<string>> { ["api"] = [api] } };
        return TestRole.EdgeAsync(idle is { } timeout ? options with { IdleTimeout = timeout } : options);
    }

    /// <summary>Tells requests from the edge's own health checks.</summary>
    public static bool IsNoCheck(HttpContext http) => http.Request.Headers.UserAgent != "ELB-HealthChecker/2.0";

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        foreach (var target in Targets.Values) await target.DisposeAsync();
    }
}
