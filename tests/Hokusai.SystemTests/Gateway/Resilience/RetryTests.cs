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
            await RawServer.ReadHeadAsync(socket);
            Interlocked.Increment(ref received);
            await socket.SendAsync(Encoding.ASCII.GetBytes(Ok));
            if (!await close.WaitAsync(TimeSpan.FromSeconds(5), Cancellation)) return;
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
            Assert.True(await closed.WaitAsync(TimeSpan.FromSeconds(5), Cancellation));
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
            times.Add(Stopwatch.GetTimestamp());
            http.Response.Headers.RetryAfter = "1";
            return ScriptedServer.WriteAsync(http, times.Count == 1 ? 503 : 200, "{}");
        });
        await using var hop = await GatewayHop.StartAsync(configure: options => options with { Upstream = upstream.Url });

        using var answer = await hop.Client().GetAsync(Search, Cancellation);

        Assert.Equal((HttpStatusCode.OK, 2), (answer.StatusCode, times.Count));
        Assert.InRange(Stopwatch.GetElapsedTime(times[0], times[1]), TimeSpan.FromSeconds(0.99), TimeSpan.FromSeconds(5));
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

        // The addresses take turns, so one of the two begins with the one that refuses.
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, Artifact) { Content = new StringContent(body) };
            request.Headers.TransferEncodingChunked = chunked;
            using var answer = await hop.Client().SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal([body.Length, body.Length], hop.Upstream.Requests.Select(request => request.Body!.Length));
        Assert.Contains("hokusai_gateway_upstream_retries_total{reason=\"not connected\"} 1", await hop.Client().GetStringAsync("/hokusai/metrics", Cancellation), StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_ManyFailAtOnce_RetriesStayWithinTheBudget()
    {
        var retries = new RetryOptions { MostRetries = 1, RetryingShare = 0, LeastRetrying = 2 };
        await using var hop = await GatewayHop.StartAsync(
            http =>
            {
                http.Response.Headers.RetryAfter = "1";
                return ScriptedServer.WriteAsync(http, 503, "{}");
            },
            configure: options => options with { Resilience = new ResilienceOptions { Retries = retries, Breaker = new CircuitBreakerOptions { LeastCalls = 1000 } } });
        var client = hop.Client();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.GetAsync(Search, Cancellation)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode));
        Assert.Equal(22, hop.Upstream.Requests.Count(request => request.Target == Search));
        Assert.Contains("hokusai_gateway_upstream_retries_refused_total 18", await client.GetStringAsync("/hokusai/metrics", Cancellation), StringComparison.Ordinal);
    }

    private static async Task SendAsync(HttpClient client, string path, int number)
    {
        using var answer = path == Create ? await client.PostAsync(path, new StringContent($"{number}"), Cancellation) : await client.GetAsync(path, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }
}
