using System.Text.RegularExpressions;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway;

/// <summary>W3C trace context: a gateway whose traces are recorded takes part in the trace; any other passes on what it was given.</summary>
public sealed partial class TraceContextTests
{
    private const string Search = "/api/2.0/mlflow/experiments/search";
    private const string Create = "/api/2.0/mlflow/runs/create";
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Parent = $"00-{Trace}-b7ad6b7169203331-01";
    private const string Ready = "gateway listens on ";

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_NoTraces_PassesTheClientsContextUnchanged()
    {
        await using var hop = await GatewayHop.StartAsync();

        await SendAsync(hop.Url, hop.Key, HttpMethod.Get, Search, Parent);

        Assert.Equal((Parent, "vendor=1"), (hop.Upstream.Only.Header("traceparent"), hop.Upstream.Only.Header("tracestate")));
    }

    // A process of its own: whoever listens to traces listens to all gateways in it.
    [Theory(Timeout = Deadlines.Test)]
    [InlineData("GET", Search)]
    [InlineData("POST", Create)]
    public async Task Forward_RecordedTrace_NamesTheGatewaysSpanToTheUpstream(string method, string path)
    {
        await using var hop = await GatewayHop.StartAsync();
        await using var gateway = await StartAsync(hop, "1");

        await SendAsync(gateway.Url, hop.Key, new HttpMethod(method), path, Parent);
        await SendAsync(gateway.Url, hop.Key, new HttpMethod(method), path + "?root", null);

        var (child, root) = (hop.Upstream.Requests.First(), hop.Upstream.Requests.Last());
        Assert.Matches(Context(), child.Header("traceparent"));
        Assert.StartsWith($"00-{Trace}-", child.Header("traceparent"), StringComparison.Ordinal);
        Assert.NotEqual(Parent, child.Header("traceparent"));
        Assert.Equal("vendor=1", child.Header("tracestate"));
        Assert.Matches(Context(), root.Header("traceparent"));
        Assert.Null(root.Header("tracestate"));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_TraceThatTheClientDoesNotRecord_PassesUnchanged()
    {
        await using var hop = await GatewayHop.StartAsync();
        await using var gateway = await StartAsync(hop, "1");
        var unsampled = Parent[..^1] + "0";

        await SendAsync(gateway.Url, hop.Key, HttpMethod.Get, Search, unsampled);

        Assert.Equal((unsampled, "vendor=1"), (hop.Upstream.Only.Header("traceparent"), hop.Upstream.Only.Header("tracestate")));
    }

    private static async Task<Running> StartAsync(GatewayHop hop, string ratio)
    {
        var settings = new Dictionary<string, string> { ["HOKUSAI_GATEWAY__OTLPENDPOINT"] = "http://127.0.0.1:9", ["HOKUSAI_GATEWAY__TRACERATIO"] = ratio };
        var process = HokusaiProcess.Start(null, settings, "serve", "gateway", "--port", "0", "--upstream", hop.Upstream.Url, "--auth-service", hop.Auth.Url);
        process.RememberKey(hop.Key);
        return new Running(process, (await process.ReadLineAsync())[Ready.Length..]);
    }

    private static async Task SendAsync(string url, string key, HttpMethod method, string path, string? parent)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null });
        using var request = new HttpRequestMessage(method, new Uri(url + path));
        if (method == HttpMethod.Post) request.Content = new StringContent("{}");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        if (parent is not null)
        {
            request.Headers.TryAddWithoutValidation("traceparent", parent);
            request.Headers.TryAddWithoutValidation("tracestate", "vendor=1");
        }
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [GeneratedRegex("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$", RegexOptions.CultureInvariant)]
    private static partial Regex Context();

    private sealed class Running(HokusaiProcess process, string url) : IAsyncDisposable
    {
        public string Url => url;

        public ValueTask DisposeAsync() => process.DisposeAsync();
    }
}
