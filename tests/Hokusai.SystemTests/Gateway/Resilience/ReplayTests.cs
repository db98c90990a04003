using System.Collections.Concurrent;
using System.Globalization;
using Hokusai.Gateway.Forwarding.Http1;
using Hokusai.Gateway.Resilience;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>
/// The replay shield over real sockets: clients whose answers are lost send again, and nothing is made twice. Connections are cut while
/// the upstream is at work, so that the gateway can notice; an answer that its kernel has accepted counts as delivered.
/// </summary>
[Collection(UnderLoad.Name)]
public sealed class ReplayTests
{
    private static readonly PoolOptions ShortPool = new() { ConnectDeadline = TimeSpan.FromMilliseconds(100) };
    private static readonly ResilienceOptions ShortDeadlines = new() { Deadlines = new DeadlineOptions { Attempt = TimeSpan.FromMilliseconds(200), Total = TimeSpan.FromMilliseconds(400) } };
    private static readonly string[] Calls = ["runs/create", "model-versions/create"];

    [Fact(Timeout = Deadlines.Test)]
    public async Task Create_AnswersLostOnTheWay_NothingTwiceAndNothingLost()
    {
        const int Creates = 600;
        var mlflow = new CountingMlflow { Thinks = static () => TimeSpan.FromMilliseconds(Random.Shared.Next(50, 200)) };
        await using var upstream = UpstreamTask.Start("127.0.0.1", 0, mlflow.AnswerAsync);
        await using var hop = await GatewayHop.StartAsync(configure: options => options with { Upstream = $"http://{upstream.Address}" });
        await using var proxy = FaultProxy.Start(hop.Url);

        // Every eighth create has a twin, equal to the last byte and sent at the same time: two things are wanted, whoever gets which.
        var created = await CreateAsync(proxy.Url, hop.Key, Creates, parallel: 30, static i => i % 8 == 1 ? i - 1 : i, CutAfter);

        Assert.InRange(proxy.Cuts, Creates / 10, int.MaxValue);
        AssertEachGotItsOwn(created, mlflow);
        Assert.Contains(created, one => one.Replayed);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Create_UpstreamSlowerThanTheDeadline_ReSendGetsTheFirstOutcome()
    {
        // As slow as it takes: it answers when the client has been told to ask again and does so. A time would be over at once with the deadline's where the machine stands still.
        var mlflow = new CountingMlflow { Thinks = static () => TimeSpan.FromMilliseconds(Random.Shared.Next(100, 300)) };
        var atWork = new ConcurrentDictionary<string, TaskCompletionSource>(StringComparer.Ordinal);
        await using var upstream = UpstreamTask.Start("127.0.0.1", 0, async request =>
        {
            await atWork.GetOrAdd(request.Body, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            return await mlflow.AnswerAsync(request);
        });
        await using var hop = await GatewayHop.StartAsync(configure: options => options with
        {
            Upstream = $"http://{upstream.Address}",
            Pool = ShortPool,
            Resilience = ShortDeadlines,
        });

        var created = await CreateAsync(hop.Url, hop.Key, count: 100, parallel: 20, static i => i, (i, _) =>
        {
            if (atWork.TryGetValue(BodyOf(i), out var asked)) asked.TrySetResult();
            return null;
        });

        AssertEachGotItsOwn(created, mlflow);
        Assert.All(created, one => Assert.True(one.Replayed && one.Tries > 1, one.ToString()));
    }

    // The request goes on behind its answer, so the next one on the connection would wait for it.
    [Fact(Timeout = Deadlines.Test)]
    public async Task Create_AnsweredBeforeItsOutcome_ConnectionIsNotKept()
    {
        await using var upstream = UpstreamTask.Start("127.0.0.1", 0, new CountingMlflow().AnswerAsync);
        upstream.FallSilent();
        await using var hop = await GatewayHop.StartAsync(configure: options => options with { Upstream = $"http://{upstream.Address}", Pool = ShortPool, Resilience = ShortDeadlines });

        using var answer = await hop.Client().PostAsync("/api/2.0/mlflow/runs/create", new StringContent("{}"), TestContext.Current.CancellationToken);

        Assert.Equal(504, (int)answer.StatusCode);
        Assert.True(answer.Headers.ConnectionClose);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(1)]
    [InlineData(10)]
    public async Task Create_EqualOnesDelivered_AreNeverSuppressed(int parallel)
    {
        var mlflow = new CountingMlflow();
        await using var upstream = UpstreamTask.Start("127.0.0.1", 0, mlflow.AnswerAsync);
        await using var hop = await GatewayHop.StartAsync(configure: options => options with { Upstream = $"http://{upstream.Address}" });

        var created = await CreateAsync(hop.Url, hop.Key, count: 40, parallel, static _ => 0);

        AssertEachGotItsOwn(created, mlflow);
        Assert.DoesNotContain(created, one => one.Replayed || one.Tries > 1);
    }

    // The cuts of a create end before its first try can have been answered: later ones might hit the moment between the answer's leaving the
    // gateway and its coming here, of which nobody can know. So one of twins is left alone: the other's outcome may come to it at any time.
    private static string? CutAfter(int i, int tries) => (i % 8, tries) switch
    {
        (1, _) or (0, > 1) => null,
        (_, 1) when Random.Shared.Next(100) < 50 => Milliseconds(1, 20),
        (_, 2) when Random.Shared.Next(100) < 30 => Milliseconds(1, 5),
        _ => null,
    };

    private static string BodyOf(int i) => string.Create(CultureInfo.InvariantCulture, $$"""{"name":"m-{{i}}"}""");

    private static string Milliseconds(int least, int most) => Random.Shared.Next(least, most).ToString(CultureInfo.InvariantCulture);

    private static void AssertEachGotItsOwn(IReadOnlyList<Created> created, CountingMlflow mlflow)
    {
        Assert.All(created, one => Assert.True(one.Id is not null, one.ToString()));
        Assert.Empty(created.GroupBy(one => one.Body).Where(wanted => mlflow.Made[wanted.Key].Count != wanted.Count()).Select(wanted => $"made {string.Join(' ', mlflow.Made[wanted.Key])} for {string.Join("; ", wanted)}"));
        // As many things as were wanted, each given to one client, and to one that asked for it.
        Assert.Equal(mlflow.Ids.Order(StringComparer.Ordinal), created.Select(one => one.Id!).Order(StringComparer.Ordinal));
        Assert.All(created, one => Assert.Contains(one.Id!, mlflow.Made[one.Body]));
    }

    private static async Task<IReadOnlyList<Created>> CreateAsync(string url, string key, int count, int parallel, Func<int, int> bodyOf, Func<int, int, string?>? cutAfter = null)
    {
        var created = new Created[count];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, parallel).Select(_ => Task.Run(async () =>
        {
            using var client = new MlflowClient(url, key);
            for (int n; (n = Interlocked.Increment(ref next)) < count;)
            {
                var i = n;
                created[i] = await client.CreateAsync(Calls[bodyOf(i) / 2 % 2], BodyOf(bodyOf(i)), tries => cutAfter?.Invoke(i, tries));
            }
        }))).WaitAsync(TimeSpan.FromSeconds(50), TestContext.Current.CancellationToken);
        return created;
    }
}
