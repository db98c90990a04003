using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Hokusai.Gateway.Resilience;
using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Gateway.Endurance;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>An upstream that is dead for a while: told in time and truly, and not overrun when it is back. Clients don't try again.</summary>
[Collection(UnderLoad.Name)]
public sealed class OutageTests
{
    // One test's worth: in the short form the deadlines of a silent upstream are shorter, or nothing would end within the outage.
    private static readonly DeadlineOptions ShortDeadlines = new() { Attempt = TimeSpan.FromSeconds(3), Total = TimeSpan.FromSeconds(6) };
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(Scale.IsFull ? 10 : 5);
    // What a busy machine may add to a deadline.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(4);
    private static readonly int[] Codes = [502, 503, 504];

    private readonly CountingMlflow _before = new();
    private readonly CountingMlflow _after = new();
    private readonly ConcurrentQueue<long> _arrivals = new();

    /// <summary>What an upstream's death looks like from the gateway.</summary>
    private enum Death
    {
        /// <summary>Its port refuses, and its connections are reset.</summary>
        Refuses,

        /// <summary>Packets to it vanish: nothing is answered, and no connection is made.</summary>
        Vanishes,

        /// <summary>It takes connections and requests and says nothing.</summary>
        IsSilent,
    }

    [EnduranceFact]
    public Task Forward_PortRefusesThenBack_FailsFastThenServesWithoutAStorm() => RunAsync(Death.Refuses);

    [EnduranceFact]
    public Task Forward_PacketsVanishThenBack_FailsInTimeThenServesWithoutAStorm() => RunAsync(Death.Vanishes);

    [EnduranceFact]
    public Task Forward_UpstreamSilentThenBack_FailsInTimeThenServesWithoutAStorm() => RunAsync(Death.IsSilent);

    private async Task RunAsync(Death death)
    {
        var deadlines = Scale.IsFull ? new DeadlineOptions() : ShortDeadlines;
        await using var first = UpstreamTask.Start("127.0.0.12", 0, _before.AnswerAsync);
        await using var hop = await GatewayHop.StartAsync(configure: options => options with { Upstream = $"http://{first.Address}", Resilience = new ResilienceOptions { Deadlines = deadlines } });
        await using var pauses = Pauses.Watch();
        await using var load = SteadyLoad.Start(hop, clients: 10, Scale.OutagePerSecond, waits: false);
        await load.MoreAsync(Scale.OutagePerSecond / 2);
        Assert.Empty(load.Errors);

        // Taken before it: what fails may be seen before the next line runs.
        var died = Stopwatch.GetTimestamp();
        using var hole = await DieAsync(first, death);
        await PassAsync("the outage", died, Scale.Outage);
        hole?.Dispose();
        // Connections of the old one stay as they are: nobody tells the gateway that they are worth nothing.
        if (death == Death.IsSilent) first.Vanish();
        await using var second = UpstreamTask.Start("127.0.0.12", first.Address.Port, AnswerAsync);
        var back = Stopwatch.GetTimestamp();
        await PassAsync("the recovery", back, Watched);
        var (served, length) = (second.Served, Stopwatch.GetElapsedTime(back));
        await load.StopAsync();

        var failed = load.Seen.Where(seen => seen.Status != 200).ToList();
        var recovered = Stopwatch.GetElapsedTime(back, load.Seen.Where(seen => seen.Status == 200 && seen.At > back).Select(seen => seen.At).DefaultIfEmpty(long.MaxValue).Min());
        var busiest = BusiestSecond();
        Scale.Report($"outage, upstream {Say(death)} for {Scale.Outage.TotalSeconds:0} s at {Scale.OutagePerSecond}/s: {load.Seen.Count} requests, {failed.Count} failed ({string.Join(", ", failed.CountBy(seen => $"{seen.Status} {Code(seen)}").OrderByDescending(c => c.Value).Select(c => $"{c.Value} x {c.Key}"))}), slowest {(failed.Count == 0 ? 0 : failed.Max(seen => seen.Took.TotalSeconds)):0.0} s; served again after {recovered.TotalSeconds:0.0} s; busiest second {(double)busiest / Scale.OutagePerSecond:0.00} x normal");
        // What was asked while it was dead: fewer than usual if the machine stood still meanwhile.
        var asked = load.Seen.Count(seen => Began(seen) >= died && Began(seen) < back);
        Assert.InRange(failed.Count, Math.Max(1, asked * 0.5), double.MaxValue);
        AssertFailuresAreTrue(failed, died, seen => deadlines.Total + Slack + pauses.Between(Began(seen), seen.At));
        // Almost all of them without an attempt: that is what the breaker is for.
        if (death == Death.Refuses) Assert.InRange(failed.Count(seen => Code(seen) == "HKS-OPEN"), failed.Count * 0.8, failed.Count);
        var recovery = Recovery + pauses.Between(back, long.MaxValue);
        Assert.InRange(recovered, TimeSpan.Zero, recovery);
        Assert.InRange(served, 1, 1.2 * Scale.OutagePerSecond * length.TotalSeconds);
        if (Scale.IsFull) Assert.InRange(busiest, 1, 1.2 * Scale.OutagePerSecond);
        Assert.DoesNotContain(failed, seen => Stopwatch.GetElapsedTime(back, seen.At) - seen.Took > recovery);
        Assert.All(_before.Made.Concat(_after.Made), made => Assert.Single(made.Value));
    }

    private static async Task<BlackHole?> DieAsync(UpstreamTask task, Death death)
    {
        switch (death)
        {
            case Death.Refuses:
                task.Kill();
                return null;
            case Death.Vanishes:
                task.Vanish();
                return await BlackHole.OpenAsync(task.Address);
            default:
                task.FallSilent();
                return null;
        }
    }

    private static Task PassAsync(string what, long since, TimeSpan time) => Until.TrueAsync($"{what} is over", time + Slack, () => Stopwatch.GetElapsedTime(since) >= time);

    private Task<TaskAnswer> AnswerAsync(TaskRequest request)
    {
        _arrivals.Enqueue(Stopwatch.GetTimestamp());
        return _after.AnswerAsync(request);
    }

    // The most that came to the upstream after its return within any one second.
    private int BusiestSecond()
    {
        long[] arrivals = [.. _arrivals.Order()];
        var (most, from) = (0, 0);
        for (var to = 0; to < arrivals.Length; to++)
        {
            while (arrivals[to] - arrivals[from] >= Stopwatch.Frequency) from++;
            most = Math.Max(most, to - from + 1);
        }
        return most;
    }

    private static long Began(Seen seen) => seen.At - (long)(seen.Took.TotalSeconds * Stopwatch.Frequency);

    private static void AssertFailuresAreTrue(List<Seen> failed, long died, Func<Seen, TimeSpan> limit)
    {
        Assert.All(failed, seen =>
        {
            Assert.True(seen.At > died, seen.Text);
            Assert.True(Codes.Contains(seen.Status), $"{seen.Status} {seen.Text}");
            using var error = JsonDocument.Parse(seen.Text);
            Assert.True((seen.Status, Code(seen)) is (502, "HKS-UP-CONNECT" or "HKS-UP-RESET") or (503, "HKS-OPEN") or (504, "HKS-SLOW"), $"{seen.Status} {seen.Text}");
            Assert.InRange(int.Parse(seen.RetryAfter!, CultureInfo.InvariantCulture), 1, 30);
            Assert.InRange(seen.Took, TimeSpan.Zero, limit(seen));
        });
    }

    private static string Say(Death death) => death switch
    {
        Death.Refuses => "refuses",
        Death.Vanishes => "vanishes",
        _ => "is silent",
    };

    private static string Code(Seen seen) => seen.Text.Split("\"code\":\"") is [_, var rest, ..] ? rest.Split('"')[0] : seen.Text;
}
