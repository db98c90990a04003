using System.Diagnostics;
using System.Globalization;
using Hokusai.SystemTests.Gateway.Resilience;

namespace Hokusai.SystemTests.Gateway.Endurance;

/// <summary>Thousands of idle clients, and slow ones in both directions, beside one that wants its answers.</summary>
[Collection(UnderLoad.Name)]
public sealed class CrowdTests
{
    private const long ArtifactLength = 16 << 20;
    private const int Measuring = 8;
    private const double LeastRatio = 0.8;
    private static readonly long MostGrowth = (Scale.IsFull ? 512L : 128L) << 20;

    [EnduranceFact]
    public async Task Forward_BesideIdleAndSlowClients_GoesOnAsWithoutThem()
    {
        AssertEnoughHandles();
        await using var upstream = RawMlflow.Start(static () => ArtifactLength);
        await using var gateway = await GatewayProcess.StartAsync(upstream.Url);
        await MeasureAsync(gateway);
        await using (await Crowd.GatherAsync(gateway)) await MeasureAsync(gateway);
        var before = gateway.Process.Resident;
        List<double> without = [], with = [];
        for (var round = 0; round < Scale.CrowdRounds; round++)
        {
            without.Add(await MeasureAsync(gateway));
            await using var crowd = await Crowd.GatherAsync(gateway);
            with.Add(await MeasureAsync(gateway));
            await crowd.AssertAllServedAsync();
        }

        var ratio = Median(with) / Median(without);
        var growth = gateway.Process.PeakResident - before;
        Scale.Report($"crowd: {Scale.IdleClients} idle clients, {Scale.SlowClients} slow readers, {Scale.SlowClients} slow writers, all served; small requests of {Measuring} clients, median of {Scale.CrowdRounds} rounds: {Median(without):0}/s without, {Median(with):0}/s with, ratio {ratio:0.00} (at least {LeastRatio:0.0}; rounds {string.Join(" ", with.Zip(without, (w, wo) => string.Create(CultureInfo.InvariantCulture, $"{w / wo:0.00}")))}); RSS before {before >> 20} MiB, peak {gateway.Process.PeakResident >> 20} MiB");
        Assert.InRange(growth, 0, MostGrowth);
        if (Scale.IsFull) Assert.InRange(ratio, LeastRatio, double.MaxValue);
    }

    /// <summary>Small requests a second.</summary>
    private static async Task<double> MeasureAsync(GatewayProcess gateway)
    {
        var began = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Measuring).Select(_ => Task.Run(async () =>
        {
            using var client = await SmallClient.ConnectAsync(gateway);
            var count = 0;
            for (; Stopwatch.GetElapsedTime(began) < Scale.CrowdTurn; count++) await client.AskAsync();
            return count;
        })));
        return counts.Sum() / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    // This process has a handle for each client, and the gateway too.
    private static void AssertEnoughHandles()
    {
        var limit = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        var needed = Scale.IdleClients + (4 * Scale.SlowClients) + 500;
        Assert.True(limit == "unlimited" || int.Parse(limit, CultureInfo.InvariantCulture) >= needed, $"this process may open {limit} handles and needs {needed}: raise it with ulimit -n {needed}");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
