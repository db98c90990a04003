using System.Net;
using System.Net.Sockets;
using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>The end of a gateway under load, as an orchestrator brings it about: SIGTERM, and a load balancer that notices a little later.</summary>
[Collection(UnderLoad.Name)]
public sealed class DrainTests
{
    private const string Ready = "gateway listens on ";

    [Fact(Timeout = Deadlines.Test)]
    public async Task Terminate_UnderLoad_LosesNothing()
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
        await using var gateway = HokusaiProcess.Start("serve", "gateway", "--port", "0", "--upstream", $"http://{upstream.Address}", "--auth-service", auth.Url, "--drain-delay", "1");
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

        gateway.Terminate();
        await Until.TrueAsync("readiness turns", TimeSpan.FromSeconds(5), async () => await ReadyAsync(client) == 503);
        // A load balancer needs a moment to notice; meanwhile requests are served.
        await load.MoreAsync(40);
        await load.StopAsync();
        using (var late = await client.GetAsync("/api/2.0/mlflow/runs/get?run_id=1", TestContext.Current.CancellationToken))
            Assert.Equal((HttpStatusCode.OK, true), (late.StatusCode, late.Headers.ConnectionClose));
        await Until.TrueAsync("no connection is taken any more", TimeSpan.FromSeconds(10), () => RefusesAsync(url));
        Assert.False(gateway.HasExited);
        slow.TrySetResult();

        using (var answer = await inFlight.InTime()) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(0, await gateway.WaitForExitAsync(TimeSpan.FromSeconds(10)));
        Assert.Empty(load.Errors);
        Assert.Equal(load.Seen.Count(seen => seen.Call == "runs/create"), mlflow.Ids.Count);
    }

    private static async Task<int> ReadyAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/hokusai/ready", TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    private static async Task<bool> RefusesAsync(string url)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            var address = new Uri(url);
            await socket.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
