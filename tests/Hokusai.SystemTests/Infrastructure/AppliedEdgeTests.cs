using System.Collections.Concurrent;
using System.Text.Json;
using Hokusai.Contracts.Routing;
using Hokusai.Edge;
using Hokusai.Serve;
using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hokusai.SystemTests.Infrastructure;

/// <summary>The edge driven by the state that Terraform wrote, against the edge driven by routes.json: the same requests over real sockets.</summary>
public sealed class AppliedEdgeTests(StubbedAws aws)
{
    // The clients of these tests are on loopback: where a case comes from a network with direct access, loopback has it.
    private static readonly string[] CasesWithDirectAccess = ["192.0.2.", "2001:db8:40:"];

    [Theory(Timeout = 4 * Deadlines.Test)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Serve_EveryCase_IsAnsweredTheSameByRoutesAndByState(bool directAccess)
    {
        using var folder = new TestFolder();
        var (table, options) = await ApplyAsync(folder, "production", null, directAccess);
        await using var api = await TargetAsync("api");
        await using var auth = await TargetAsync("auth");
        await using var mlflow = await TargetAsync("mlflow");
        var targets = new Dictionary<string, string[]> { ["api"] = [api.Url], ["auth"] = [auth.Url], ["mlflow"] = [mlflow.Url] };
        await using var byRoutes = await EdgeInHand.StartAsync(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "routes.json"), TestContext.Current.CancellationToken), targets, new EdgeOptions { DirectAccessNetworks = directAccess ? ["127.0.0.0/8"] : [] });
        await using var byState = await EdgeInHand.StartAsync(table, targets.Where(t => table.Targets.ContainsKey(t.Key)).ToDictionary(), options);

        var cases = Cases(directAccess);
        var differences = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, async (one, _) =>
        {
            var (first, second) = (await AnswerAsync(byRoutes, one), await AnswerAsync(byState, one));
            if (first != second || first != one.Expected) differences.Enqueue($"{one.Id} {one.Line}: {one.Expected} was expected, {first} came by routes, {second} by state");
        });

        Assert.Empty(differences);
        Assert.True(cases.Count > 200, $"{cases.Count} cases are too few");
    }

    [Fact(Timeout = 2 * Deadlines.Test)]
    public async Task Serve_StateOfTheHttpListener_RedirectsWhatExists()
    {
        using var folder = new TestFolder();
        var (table, options) = await ApplyAsync(folder, "production", 80, directAccess: false);
        await using var edge = await EdgeInHand.StartAsync(table, table.Targets.ToDictionary(t => t.Key, t => Array.Empty<string>()), options);

        var known = await RawClient.SendAsync(edge.Url, "GET /api/mlflow/a%2Fb?x=1 HTTP/1.1", "Host: registry.example.org");
        var unknown = await RawClient.SendAsync(edge.Url, "GET /nothing HTTP/1.1");

        Assert.Equal((301, 404), (known.Status, unknown.Status));
        Assert.Contains("\r\nLocation: https://registry.example.org:443/api/mlflow/a%2Fb?x=1", known.Head, StringComparison.Ordinal);
    }

    [Fact(Timeout = 2 * Deadlines.Test)]
    public async Task Serve_StateAtTheCommandLine_ForwardsByItsRules()
    {
        using var folder = new TestFolder();
        await ApplyAsync(folder, "development", null, directAccess: false);
        await using var api = await TargetAsync("api");
        await using var process = HokusaiProcess.Start("serve", "edge", "--port", "0", "--state", folder.PathOf("state.json"), "--target", "api=" + api.Url, "--target", $"api={api.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)}");
        var url = (await process.ReadLineAsync())["edge listens on ".Length..];

        for (var i = 0; i < 2; i++) Assert.Contains("\r\nX-Seen: api /api/mlflow/x", (await RawClient.SendAsync(url, "GET /api/mlflow/x HTTP/1.1")).Head, StringComparison.Ordinal);
        Assert.Equal(404, (await RawClient.SendAsync(url, "GET /nothing HTTP/1.1")).Status);
        Assert.Equal(2, api.Requests.Count);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("""{"format_version":"1.2","planned_values":{}}""", new string[0], "is a plan")]
    [InlineData("nonsense", new string[0], "is no JSON")]
    [InlineData("""{"format_version":"1.0","values":{"root_module":{}}}""", new string[0], "has no aws_lb_listener")]
    [InlineData("{}", new[] { "--routes", "x" }, "give one of --routes and --state")]
    [InlineData("{}", new[] { "--direct-access", "10.0.0.0/8" }, "have their source networks already")]
    public async Task Serve_WhatIsNoState_IsRefusedWithTheRemedy(string state, string[] more, string expected)
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.PathOf("state.json"), state, TestContext.Current.CancellationToken);

        var (code, _, errors) = await HokusaiProcess.RunAsync(null, null, ["serve", "edge", "--port", "0", "--state", folder.PathOf("state.json"), .. more]);

        Assert.Equal(2, code);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    private async Task<(RoutingTable Table, EdgeOptions Options)> ApplyAsync(TestFolder folder, string environment, int? listener, bool directAccess)
    {
        using var run = await RootModule.CopyAsync(aws);
        await run.InitAsync();
        (await run.RunAsync(["apply", "-auto-approve", "-json", .. RootModule.Variables(environment, directAccess ? ["direct_access_cidrs=[\"127.0.0.0/8\"]", "direct_access_hosts=[\"mlflow.example.org\"]"] : [])])).AssertCode(0);
        await File.WriteAllTextAsync(folder.PathOf("state.json"), (await run.StateAsync()).GetRawText(), TestContext.Current.CancellationToken);
        return ServeEdge.ReadState(folder.PathOf("state.json"), listener);
    }

    private static Task<ScriptedServer> TargetAsync(string name) => ScriptedServer.StartAsync(
        http =>
        {
            http.Response.Headers["X-Seen"] = $"{name} {http.Features.Get<IHttpRequestFeature>()!.RawTarget}";
            return ScriptedServer.WriteAsync(http, StatusCodes.Status200OK, "{}");
        },
        EdgeHop.IsNoCheck);

    private static async Task<string> AnswerAsync(EdgeInHand edge, Case one)
    {
        var answer = await RawClient.SendAsync(edge.Url, one.Line, "Host: " + one.Host);
        var seen = answer.Head.Split("\r\n").FirstOrDefault(line => line.StartsWith("X-Seen: ", StringComparison.Ordinal));
        return seen is null ? $"{answer.Status}" : $"{answer.Status} {seen["X-Seen: ".Length..]}";
    }

    private static List<Case> Cases(bool directAccess)
    {
        using var cases = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cases", "listener-urls.json")));
        return [.. cases.RootElement.EnumerateArray()
            .Where(one => CasesWithDirectAccess.Any(network => one.GetProperty("source").GetString()!.StartsWith(network, StringComparison.Ordinal)) == directAccess)
            .Select(one => new Case(
                one.GetProperty("id").GetString()!,
                $"{one.GetProperty("method").GetString()} {one.GetProperty("path").GetString()}{(one.TryGetProperty("query", out var query) ? "?" + query.GetString() : "")} HTTP/1.1",
                one.GetProperty("host").GetString()!,
                one.GetProperty("rule").GetString() switch
                {
                    // Kestrel takes no escaped NUL in a path; docs/edge.md says so.
                    _ when one.GetProperty("path").GetString()!.Contains("%00", StringComparison.Ordinal) => "400",
                    // Nor does the edge take a standard method in other than its own case, which it could only send on as that method.
                    _ when one.GetProperty("method").GetString() == "get" => "400",
                    "default" => "404",
                    "keys" => "200 auth " + one.GetProperty("sent").GetString(),
                    "mlflow-direct-rest" or "mlflow-direct-ui" => "200 mlflow " + one.GetProperty("sent").GetString(),
                    _ => "200 api " + one.GetProperty("sent").GetString(),
                })),
        ];
    }

    private sealed record Case(string Id, string Line, string Host, string Expected);
}
