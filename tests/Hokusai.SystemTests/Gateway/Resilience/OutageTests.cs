using System.Diagnostics;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>An upstream that is dead for a while: told quickly and truly, and not overrun when it is back.</summary>
[Collection(UnderLoad.Name)]
public sealed class OutageTests
{
    private const int PerSecond = 100;
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    // Longer than the time between two health checks, and long enough for the breaker's time to have grown beyond the recovery's.
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(7);

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_UpstreamDeadThenBack_FailsFastThenServesWithoutAStorm()
    {
        var before = new CountingMlflow();
        var after = new CountingMlflow();
        var first = UpstreamTask.Start("127.0.0.12", 0, before.AnswerAsync);
        await using var ended = first;
        await using var hop = await GatewayHop.StartAsync(configure: options => options with { Upstream = $"http://{first.Address}" });
        await using var load = SteadyLoad.Start(hop, clients: 10, PerSecond);
        await load.MoreAsync(PerSecond / 2);
        Assert.Empty(load.Errors);

        first.Kill();
        var died = Stopwatch.GetTimestamp();
        await Until.TrueAsync("the outage is over", TimeSpan.FromSeconds(15), () => Stopwatch.GetElapsedTime(died) >= Outage);
        await using var second = UpstreamTask.Start("127.0.0.12", first.Address.Port, after.AnswerAsync);
        var back = Stopwatch.GetTimestamp();
        await Until.TrueAsync("the recovery is over", TimeSpan.FromSeconds(15), () => Stopwatch.GetElapsedTime(back) >= Recovery);
        var (served, length) = (second.Served, Stopwatch.GetElapsedTime(back));
        await load.StopAsync();

        AssertFailuresAreFastAndTrue(load, died);
        Assert.InRange(served, 1, 1.2 * PerSecond * length.TotalSeconds);
        AssertServedAgainInTime(load, back);
        Assert.All(before.Made.Concat(after.Made), made => Assert.Single(made.Value));
    }

    private static void AssertFailuresAreFastAndTrue(SteadyLoad load, long died)
    {
        var failed = load.Seen.Where(seen => seen.Status != 200).ToList();
        Assert.InRange(failed.Count, PerSecond * Outage.TotalSeconds * 0.7, double.MaxValue);
        Assert.All(failed, seen =>
        {
            Assert.True(seen.At > died, seen.Text);
            Assert.True((seen.Status, Code(seen)) is (502, "HKS-UP-CONNECT" or "HKS-UP-RESET") or (503, "HKS-OPEN"), $"{seen.Status} {seen.Text}");
            Assert.InRange(int.Parse(seen.RetryAfter!, System.Globalization.CultureInfo.InvariantCulture), 1, 30);
            Assert.InRange(seen.Took, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        });
        // Almost all of them without an attempt: that is what the breaker is for.
        Assert.InRange(failed.Count(seen => Code(seen) == "HKS-OPEN"), failed.Count * 0.8, failed.Count);
    }

    private static void AssertServedAgainInTime(SteadyLoad load, long back)
    {
        var answers = load.Seen.Where(seen => seen.At > back).OrderBy(seen => seen.At).ToList();
        var firstGood = answers.FindIndex(seen => seen.Status == 200);
        Assert.InRange(firstGood, 0, int.MaxValue);
        Assert.InRange(Stopwatch.GetElapsedTime(back, answers[firstGood].At), TimeSpan.Zero, Recovery);
        // While the one probe is out, others may still be refused; what comes after it is served.
        Assert.DoesNotContain(answers.Skip(firstGood + 20), seen => seen.Status != 200);
    }

    private static string Code(Seen seen) => seen.Text.Split("\"code\":\"") is [_, var rest, ..] ? rest.Split('"')[0] : seen.Text;
}
