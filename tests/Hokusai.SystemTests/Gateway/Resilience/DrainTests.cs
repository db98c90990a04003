using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>The end of a gateway under load, as an orchestrator brings it about: SIGTERM, and a load balancer that notices a little later.</summary>
[Collection(UnderLoad.Name)]
public sealed class DrainTests
{
    private const string Ready = "gateway listens on ";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    // Whoever asks after the delay is refused, and rightly: where the machine stood still for so long, there is nothing to be seen, and a longer delay is tried.
    [Fact(Timeout = 2 * Deadlines.Test)]
    public async Task Terminate_UnderLoad_LosesNothing() => Assert.True(await TerminateAsync(delay: 1) || await TerminateAsync(delay: 5) || await TerminateAsync(delay: 15), "the machine stood still each time");

    // Whether there was time to see it all.
    private static async Task<bool> TerminateAsync(int delay)
    {
        var key = ApiKey.Mint().Reveal();
        var mlflow = new CountingMlflow();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var auth = await ScriptedServer.StartAsync(http => http.Request.Path.Value!.EndsWith("/changes", StringComparison.Ordinal) ? ScriptedServer.WriteAsync(http, 404, "{}") : GatewayHop.Good()(http));
        await using var upstream = UpstreamTask.Start("127.0.0.1", 0, async request =>
        {
            if (!request.Target.Contains("run_id=slow", StringComparison.Ordinal)) return await mlflow.AnswerAsync(request);
            held.TrySetResult();
            await slow.Task;
            return new TaskAnswer(200, "{}");
        });
        await using var gateway = HokusaiProcess.Start("serve", "gateway", "--port", "0", "--upstream", $"http://{upstream.Address}", "--auth-service", auth.Url, "--drain-delay", delay.ToString(CultureInfo.InvariantCulture));
        gateway.RememberKey(key);
        var line = await gateway.ReadLineAsync();
        Assert.StartsWith(Ready, line, StringComparison.Ordinal);
        var url = line[Ready.Length..];
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(20) };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + key);
        await using var load = SteadyLoad.Start(url, key, clients: 10, perSecond: 200);
        await load.MoreAsync(100);
        var inFlight = client.GetAsync("/api/2.0/mlflow/runs/get?run_id=slow", TestContext.Current.CancellationToken);
        await held.Task.InTime();

        var told = TimeProvider.System.GetTimestamp();
        gateway.Terminate();
        await Until.TrueAsync("readiness turns", Soon, async () => await ReadyAsync(client) == 503);
        // A load balancer needs a moment to notice; meanwhile requests are served.
        await load.MoreAsync(40);
        await load.StopAsync();
        using (var late = await client.GetAsync("/api/2.0/mlflow/runs/get?run_id=1", TestContext.Current.CancellationToken))
        {
            if (TimeProvider.System.GetElapsedTime(told) >= TimeSpan.FromSeconds(delay))
            {
                slow.TrySetResult();
                return false;
            }
            Assert.Equal((HttpStatusCode.OK, true), (late.StatusCode, late.Headers.ConnectionClose));
        }
        await Until.TrueAsync("what is new is refused", Soon, async () => await RefusesAsync(client));
        using (var live = await client.GetAsync("/health", TestContext.Current.CancellationToken)) Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.False(gateway.HasExited);
        slow.TrySetResult();

        using (var answer = await inFlight.InTime()) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(0, await gateway.WaitForExitAsync(Soon));
        Assert.Empty(load.Errors);
        Assert.Equal(load.Seen.Count(seen => seen.Call == "runs/create"), mlflow.Ids.Count);
        return true;
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Stop_RequestsOnKeptConnections_AreRefusedWhileTheRunningOneEnds()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // The drain must not end before all has been looked at; it ends with the request that runs.
        await using var hop = await GatewayHop.StartAsync(
            async http =>
            {
                if (http.Request.QueryString.Value == "?slow")
                {
                    held.TrySetResult();
                    await slow.Task;
                }
                await ScriptedServer.WriteAsync(http, 200, "{}");
            },
            drain: Soon);
        using var kept = await RawClient.ConnectAsync(hop.Url);
        var search = $"GET /api/2.0/mlflow/experiments/search HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {hop.Key}\r\n\r\n";
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(kept, search), StringComparison.Ordinal);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(hop.Url) };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + hop.Key);
        var running = client.GetAsync("/api/2.0/mlflow/experiments/search?slow", TestContext.Current.CancellationToken);
        await held.Task.InTime();

        var stopped = hop.Gateway.StopAsync();
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(kept, "GET /health HTTP/1.1\r\nHost: h\r\n\r\n"), StringComparison.Ordinal);
        var refused = await AskAsync(kept, search);
        var ended = await kept.ReceiveAsync(new byte[1]).InTime();

        Assert.StartsWith("HTTP/1.1 503", refused, StringComparison.Ordinal);
        Assert.All((string[])["Connection: close", "Retry-After: 1", "TEMPORARILY_UNAVAILABLE", "HKS-DRAIN"], word => Assert.Contains(word, refused, StringComparison.Ordinal));
        Assert.Equal(0, ended);
        Assert.False(stopped.IsCompleted);
        slow.TrySetResult();
        using (var answer = await running.InTime()) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await stopped.InTime();
        Assert.Equal(2, hop.Upstream.Requests.Count);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Stop_ARequestThatNeverEnds_IsWaitedForNoLongerThanTheDrain()
    {
        // The role's drain is 2 s; its sockets are closed within the same time, not after as much again.
        var bound = TimeSpan.FromSeconds(3.8);
        Assert.InRange(await Prompt.BestAsync(bound, StopBesideOneThatNeverEndsAsync), TimeSpan.FromSeconds(1.9), bound);
    }

    private static async Task<TimeSpan> StopBesideOneThatNeverEndsAsync()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hop = await GatewayHop.StartAsync(http =>
        {
            held.TrySetResult();
            return ScriptedServer.Silence()(http);
        });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(hop.Url) };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + hop.Key);
        var running = client.GetAsync("/api/2.0/mlflow/experiments/search", TestContext.Current.CancellationToken);
        await held.Task.InTime();

        var began = TimeProvider.System.GetTimestamp();
        await hop.Gateway.StopAsync();
        var took = TimeProvider.System.GetElapsedTime(began);

        await Assert.ThrowsAsync<HttpRequestException>(() => running);
        return took;
    }

    // Reads to the end of the answer's body: it may come in pieces.
    private static async Task<string> AskAsync(Socket socket, string request)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes(request)).InTime();
        var (text, buffer) = ("", new byte[16 * 1024]);
        while (text.Split("\r\n\r\n", 2) is not [var head, var body] || body.Length < LengthOf(head))
        {
            var count = await socket.ReceiveAsync(buffer).InTime();
            Assert.True(count > 0, $"the connection ended after: {text}");
            text += Encoding.ASCII.GetString(buffer, 0, count);
        }
        return text;

        static int LengthOf(string head) => int.Parse(head.Split("\r\nContent-Length: ")[1].Split('\r')[0], CultureInfo.InvariantCulture);
    }

    private static async Task<int> ReadyAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/hokusai/ready", TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    private static async Task<bool> RefusesAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/api/2.0/mlflow/runs/get?run_id=1", TestContext.Current.CancellationToken);
        if (answer.StatusCode == HttpStatusCode.OK) return false;
        var error = await ErrorAnswer.ReadAsync(answer);
        Assert.Equal((503, "TEMPORARILY_UNAVAILABLE", "HKS-DRAIN"), (error.Status, error.ErrorCode, error.Code));
        Assert.Equal(("1", true), (answer.Headers.RetryAfter?.ToString(), answer.Headers.ConnectionClose));
        return true;
    }
}
