using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Hokusai.Gateway.Discovery;
using Hokusai.Gateway.Resilience;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>What is sent again and what is not, on real sockets.</summary>
public sealed class RetryTests
{
    private const string Search = "/api/2.0/mlflow/experiments/search";
    private const string Create = "/api/2.0/mlflow/runs/create";
    private const string Artifact = "/api/2.0/mlflow-artifacts/artifacts/model/a.bin";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(Search, true)]
    [InlineData(Search, false)]
    [InlineData(Create, true)]
    [InlineData(Create, false)]
    public async Task Forward_PooledConnectionClosedJustBefore_IsAnsweredAndSentOnce(string path, bool reset)
    {
        var received = 0;
        using var close = new SemaphoreSlim(0);
        using var closed = new SemaphoreSlim(0);
        await using var upstream = RawServer.Start(async socket =>
        {
            var head = await RawServer.ReadHeadAsync(socket);
            if (IsHealthCheck(head.Split(' ').ElementAtOrDefault(1))) return;
            Interlocked.Increment(ref received);
            await socket.SendAsync(Encoding.ASCII.GetBytes(Ok));
            if (!await close.WaitAsync(Soon, Cancellation)) return;
            if (reset) RawServer.Reset(socket);
            else socket.Close();
            closed.Release();
        });
        await using var hop = await GatewayHop.StartAsync(configure: options => options with { Upstream = upstream.Url });
        var client = hop.Client();
        await SendAsync(client, path, 0);

        for (var i = 1; i <= 20; i++)
        {
            close.Release();
            Assert.True(await closed.WaitAsync(Soon, Cancellation));
            await SendAsync(client, path, i);
        }

        close.Release();
        Assert.Equal(21, received);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_SearchWhoseConnectionDiesAtWork_IsSentAgain()
    {
        var connections = 0;
        await using var upstream = RawServer.Start(async socket =>
        {
            var first = Interlocked.Increment(ref connections) == 1;
            while ((await RawServer.ReadHeadAsync(socket)).Length > 0 && !first) await socket.SendAsync(Encoding.ASCII.GetBytes(Ok));
            RawServer.Reset(socket);
        });
        await using var hop = await GatewayHop.StartAsync(configure: options => options with { Upstream = upstream.Url });

        using var answer = await hop.Client().GetAsync(Search, Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_SearchAnswered503WithRetryAfter_IsSentAgainAfterThat()
    {
        var times = new List<long>();
        await using var upstream = await ScriptedServer.StartAsync(http =>
        {
            if (IsHealthCheck(http.Request.Path)) return ScriptedServer.WriteAsync(http, 200, "{}");
            times.Add(Stopwatch.GetTimestamp());
            http.Response.Headers.RetryAfter = "1";
            return ScriptedServer.WriteAsync(http, times.Count == 1 ? 503 : 200, "{}");
        });
        await using var hop = await GatewayHop.StartAsync(configure: options => options with { Upstream = upstream.Url });

        using var answer = await hop.Client().GetAsync(Search, Cancellation);

        Assert.Equal((HttpStatusCode.OK, 2), (answer.StatusCode, times.Count));
        Assert.InRange(Stopwatch.GetElapsedTime(times[0], times[1]), TimeSpan.FromSeconds(0.99), Soon);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("/api/2.0/mlflow/runs/log-metric")]
    [InlineData(Create)]
    public async Task Forward_WriteAnswered503_PassesUnchanged(string path)
    {
        await using var hop = await GatewayHop.StartAsync(http =>
        {
            http.Response.Headers.RetryAfter = "7";
            return ScriptedServer.WriteAsync(http, 503, """{"error_code":"TEMPORARILY_UNAVAILABLE","message":"MLflow's own"}""");
        });

        using var answer = await hop.Client().PostAsync(path, new StringContent("{}"), Cancellation);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "7", """{"error_code":"TEMPORARILY_UNAVAILABLE","message":"MLflow's own"}"""), (answer.StatusCode, answer.Headers.RetryAfter?.ToString(), await answer.Content.ReadAsStringAsync(Cancellation)));
        Assert.Equal(path, hop.Upstream.Only.Target);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("")]
    [InlineData("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")]
    public async Task Forward_ArtifactUploadThatFails_IsNeverSentTwice(string said)
    {
        var received = 0;
        await using var upstream = RawServer.Start(async socket =>
        {
            if ((await RawServer.ReadHeadAsync(socket)).StartsWith("PUT", StringComparison.Ordinal)) Interlocked.Increment(ref received);
            if (said.Length > 0) await socket.SendAsync(Encoding.ASCII.GetBytes(said));
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(new byte[4096]) > 0) continue;
        });
        await using var hop = await GatewayHop.StartAsync(configure: options => options with { Upstream = upstream.Url });

        using var answer = await hop.Client().PutAsync(Artifact, new StringContent("bytes"), Cancellation);

        Assert.Equal(said.Length > 0 ? 503 : 502, (int)answer.StatusCode);
        Assert.Equal(1, received);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Forward_ArtifactUploadWhoseConnectionIsRefused_GoesToAnotherAddressWhole(bool chunked)
    {
        using var taken = RawServer.Refusing(out var nobody);
        await using var hop = await GatewayHop.StartAsync(configure: options => options with
        {
            Discovery = new DiscoveryOptions { Addresses = [new Uri(nobody).Authority, new Uri(options.Upstream).Authority] },
        });
        var body = new string('x', 600_000);

        // The addresses take turns, so one of two begins with the one that refuses; unless its health check found it out first, and it is left out for a while.
        var sent = 0;
        await Until.TrueAsync("the address that refuses was tried", Soon, async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, Artifact) { Content = new StringContent(body) };
            request.Headers.TransferEncodingChunked = chunked;
            using var answer = await hop.Client().SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            sent++;
            return (await MetricSamples.ReadAsync(hop.Url)).GetValueOrDefault("hokusai_gateway_upstream_retries_total{reason=\"not connected\"}") >= 1;
        });

        Assert.Equal(Enumerable.Repeat(body.Length, sent), hop.Upstream.Requests.Select(request => request.Body!.Length));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_ManyFailAtOnce_RetriesStayWithinTheBudget()
    {
        const int Requests = 20;
        var retries = new RetryOptions { MostRetries = 1, RetryingShare = 0, LeastRetrying = 2 };
        // Nobody is answered before all are there, and no retry before all others are through: so all ask for one while the first two have theirs.
        var (arrived, answered) = (0, 0);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var others = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hop = await GatewayHop.StartAsync(
            async http =>
            {
                if (http.Request.Path == Search)
                {
                    var n = Interlocked.Increment(ref arrived);
                    if (n == Requests) all.TrySetResult();
                    await (n <= Requests ? all : others).Task.WaitAsync(http.RequestAborted);
                }
                http.Response.Headers.RetryAfter = "1";
                await ScriptedServer.WriteAsync(http, 503, "{}");
            },
            configure: options => options with { Resilience = new ResilienceOptions { Retries = retries, Breaker = new CircuitBreakerOptions { LeastCalls = 1000 } } });
        var client = hop.Client();

        var statuses = await Task.WhenAll(Enumerable.Range(0, Requests).Select(async _ =>
        {
            using var answer = await client.GetAsync(Search, Cancellation);
            if (Interlocked.Increment(ref answered) == Requests - 2) others.TrySetResult();
            return answer.StatusCode;
        }));

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.ServiceUnavailable, status));
        Assert.Equal(Requests + 2, hop.Upstream.Requests.Count(request => request.Target == Search));
        Assert.Contains("hokusai_gateway_upstream_retries_refused_total 18", await client.GetStringAsync("/hokusai/metrics", Cancellation), StringComparison.Ordinal);
    }

    // The gateway asks every few seconds, which a test that takes longer than usual lives to see.
    private static bool IsHealthCheck(string? path) => path == "/health";

    private static async Task SendAsync(HttpClient client, string path, int number)
    {
        using var answer = path == Create ? await client.PostAsync(path, new StringContent($"{number}"), Cancellation) : await client.GetAsync(path, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }
}
