using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Hokusai.SystemTests.Gateway.Resilience;

namespace Hokusai.SystemTests.Gateway.Endurance;

/// <summary>
/// Thousands of creates over connections that break at any moment, by clients that send again as MLflow's does: nothing is made twice,
/// nothing is lost, and who asks for the same thing once more after an answer gets another one.
/// </summary>
[Collection(UnderLoad.Name)]
public sealed class DroppedAnswerTests
{
    private const int Parallel = 100;
    private static readonly string[] Calls = ["runs/create", "model-versions/create"];
    private static readonly string[] Kinds = ["before", "under way", "in the answer", "after the answer"];

    private readonly ConcurrentDictionary<string, int> _cuts = new(StringComparer.Ordinal);

    [EnduranceFact]
    public async Task Create_ConnectionsCutAnywhere_NothingTwiceNothingLostNothingSuppressed()
    {
        // Long beside any pause of this process: a cut under way that comes late would hit the answer.
        var mlflow = new CountingMlflow { Thinks = static () => TimeSpan.FromMilliseconds(Random.Shared.Next(150, 250)) };
        await using var upstream = UpstreamTask.Start("127.0.0.1", 0, mlflow.AnswerAsync);
        await using var gateway = await GatewayProcess.StartAsync($"http://{upstream.Address}");
        await using var proxy = FaultProxy.Start(gateway.Url);
        var began = Stopwatch.GetTimestamp();

        var created = await CreateAllAsync(proxy.Url, gateway.Key);

        var wanted = created.GroupBy(one => one.Body).ToDictionary(group => group.Key, group => group.ToList());
        var doubled = mlflow.Made.Where(made => made.Value.Count > wanted[made.Key].Count).Select(made => $"made {string.Join(' ', made.Value)} for {string.Join("; ", wanted[made.Key])}").ToList();
        var lost = created.Count(one => one.Id is null || !mlflow.Made[one.Body].Contains(one.Id));
        var suppressed = created.Count - lost - created.Where(one => one.Id is not null).Select(one => one.Id).Distinct().Count();
        Scale.Report($"creates: {created.Count} ({Scale.Creates} of each kind) in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s, connections cut {proxy.Cuts} times ({string.Join(", ", _cuts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Value} {c.Key}"))}), {created.Count(one => one.Replayed)} answers replayed; {doubled.Count} made twice, {lost} lost, {suppressed} falsely suppressed");
        Assert.InRange(proxy.Cuts, created.Count / 5, int.MaxValue);
        Assert.Empty(doubled);
        Assert.Equal((0, 0), (lost, suppressed));
        Assert.Equal(mlflow.Ids.Order(StringComparer.Ordinal), created.Select(one => one.Id!).Order(StringComparer.Ordinal));
        Assert.Contains(created, one => one.Replayed);
    }

    private async Task<List<Created>> CreateAllAsync(string url, string key)
    {
        var created = new ConcurrentBag<Created>();
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Parallel).Select(_ => Task.Run(async () =>
        {
            using var client = new MlflowClient(url, key);
            // A quarter of them are wanted twice: the very same request again, once the first has its answer.
            for (int i; (i = Interlocked.Increment(ref next)) < 4 * Scale.Creates / 5;)
            {
                foreach (var call in Calls)
                {
                    var body = string.Create(CultureInfo.InvariantCulture, $$"""{"{{call}}":{{i}}}""");
                    for (var times = i % 4 == 0 ? 2 : 1; times > 0; times--) created.Add(await client.CreateAsync(call, body, Cut));
                }
            }
        })));
        return [.. created];
    }

    // At most four times in a row: an eighth try that fails is the last one.
    private string? Cut(int tries)
    {
        if (tries > 4 || Random.Shared.Next(100) >= 40) return null;
        var kind = Kinds[Random.Shared.Next(Kinds.Length)];
        _cuts.AddOrUpdate(kind, 1, static (_, count) => count + 1);
        return kind switch
        {
            "before" => FaultProxy.Before,
            "in the answer" => FaultProxy.InAnswer,
            "after the answer" => FaultProxy.AfterAnswer,
            _ => Random.Shared.Next(20).ToString(CultureInfo.InvariantCulture),
        };
    }
}
