using Hokusai.Gateway.Discovery;
using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Gateway.Discovery;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>
/// Tasks of the upstream are replaced one after the other behind changing DNS, under load, and no client sees it. A task that is killed
/// without a drain dies between the requests on each of its connections: whether a create that it was at work on has happened can't be
/// known by anybody, so that one has no right answer but an error.
/// </summary>
[Collection(UnderLoad.Name)]
public sealed class RollingReplacementTests
{
    private const string Name = "mlflow.hokusai.test";
    private const int PerSecond = 300;
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Forward_TasksReplacedUnderLoad_NoErrorAndNoDuplicate(bool drained)
    {
        var mlflow = new CountingMlflow { Thinks = static () => TimeSpan.FromMilliseconds(2) };
        var tasks = new List<UpstreamTask> { UpstreamTask.Start("127.0.0.2", 0, mlflow.AnswerAsync) };
        await using var dns = new DnsResponder();
        try
        {
            var port = tasks[0].Address.Port;
            for (var i = 3; i <= 7; i++) tasks.Add(UpstreamTask.Start($"127.0.0.{i}", port, mlflow.AnswerAsync));
            List<UpstreamTask> registered = [.. tasks.Take(3)];
            Publish(dns, registered);
            await using var hop = await GatewayHop.StartAsync(configure: options => options with
            {
                Upstream = $"http://{Name}:{port}",
                Discovery = new DiscoveryOptions { Mode = DiscoveryMode.Dns, NameServers = [dns.Address] },
            });
            await using var load = SteadyLoad.Start(hop, clients: 20, PerSecond);
            await load.MoreAsync(PerSecond / 2);

            for (var i = 0; i < 3; i++) await ReplaceAsync(dns, registered, tasks[i], tasks[i + 3], drained);
            await load.MoreAsync(PerSecond / 2);
            await load.StopAsync();

            Assert.Empty(load.Errors);
            AssertEachMadeOnce(mlflow, load);
            // A task that is gone costs another try, not a wait.
            Assert.DoesNotContain(load.Seen, seen => seen.Took > Stall);
        }
        finally
        {
            foreach (var task in tasks) await task.DisposeAsync();
        }
    }

    // As ECS does it: the new task is registered, the old one is not any more, then it is told to end.
    private static async Task ReplaceAsync(DnsResponder dns, List<UpstreamTask> registered, UpstreamTask old, UpstreamTask fresh, bool drained)
    {
        registered.Add(fresh);
        Publish(dns, registered);
        await Until.TrueAsync("the new task is used", Patience, () => fresh.Served > 0);
        registered.Remove(old);
        Publish(dns, registered);
        if (!drained)
        {
            old.Kill();
            return;
        }
        old.Drain();
        await Until.TrueAsync("the old task is left alone", Patience, () => old.Connections == 0);
    }

    private static void AssertEachMadeOnce(CountingMlflow mlflow, SteadyLoad load)
    {
        var asked = load.Seen.Where(seen => seen.Call == "runs/create").Select(seen => seen.Body).Order(StringComparer.Ordinal);
        Assert.Equal(asked, mlflow.Made.Keys.Order(StringComparer.Ordinal));
        Assert.All(mlflow.Made, made => Assert.Single(made.Value));
    }

    private static void Publish(DnsResponder dns, IEnumerable<UpstreamTask> tasks) =>
        dns.Script(Name, DnsWire.A, new WireAnswer(0, [.. tasks.Select(task => WireRecord.Address(Name, task.Address.Address.ToString(), ttl: 1))]));
}
