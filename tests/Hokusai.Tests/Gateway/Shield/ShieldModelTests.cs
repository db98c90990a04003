using System.Globalization;
using Hokusai.Gateway.Shield;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hokusai.Tests.Gateway.Shield;

/// <summary>
/// Many clients that create and, as MLflow's does, re-send when they don't get an answer, through a gateway that loses answers at random.
/// Two creates of five are equal to others to the last byte. Each create must end with a thing of its own, and MLflow must have made no other.
/// </summary>
public sealed class ShieldModelTests
{
    private const int Creates = 10_000;
    private const int Clients = 300;
    private const int MostAttempts = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(null)]
    public void Creates_AnswersLostAtRandom_EachMakesExactlyOneThing(int? fixedSeed)
    {
        var seed = fixedSeed ?? Random.Shared.Next();
        var random = new Random(seed);
        var world = new VirtualWorld(random);
        var options = new ShieldOptions();
        var store = new MemoryShieldStore(options, world, NullLogger.Instance);
        var upstream = new CountingUpstream(random, world);
        var shield = new ReplayShield(store, options, world, NullLogger.Instance);
        var gateway = new SimulatedGateway(shield, upstream, world);
        var got = new List<int>();

        world.Run(() => Task.WhenAll(Enumerable.Range(0, Clients).Select(client => ClientAsync(client, gateway, random, world, got))));

        var told = $"seed {seed}: {Creates} creates got {got.Count} answers with {got.Distinct().Count()} different things, MLflow made {upstream.Made}, {shield.Counts.Replayed} replayed";
        Assert.True(got.Count == Creates && got.Distinct().Count() == Creates && upstream.Made == Creates, told);
        Assert.True(shield.Counts.Replayed > Creates / 10, told);
        Assert.True(store is { Count: 0, Bytes: 0 }, $"{told}; {store.Count} entries are left");
    }

    private static async Task ClientAsync(int client, SimulatedGateway gateway, Random random, VirtualWorld world, List<int> got)
    {
        for (var i = client; i < Creates; i += Clients)
        {
            var body = random.NextDouble() < 0.4 ? $"shared-{random.Next(8)}" : string.Create(CultureInfo.InvariantCulture, $"own-{i}");
            got.Add(await CreateAsync(Fingerprint.Of("key-1", "POST", "/api/2.0/mlflow/runs/create", "", ShieldBench.Body(body)), gateway, random, world));
        }
    }

    // Waits of 0, 4, 8, ... up to 120 s and up to a second more, like MLflow's client. Its last attempts go well, so that every create ends.
    private static async Task<int> CreateAsync(Fingerprint fingerprint, SimulatedGateway gateway, Random random, VirtualWorld world)
    {
        for (var attempt = 0; ; attempt++)
        {
            var calm = attempt >= MostAttempts - 1;
            var call = new SimulatedCall(random, world);
            var handling = gateway.HandleAsync(fingerprint, call, calm);
            if (!calm && random.NextDouble() < 0.2) _ = call.LeaveAsync(TimeSpan.FromMilliseconds(random.Next(random.NextDouble() < 0.5 ? 200 : 12_000)));
            var (status, run) = await call.Answer;
            if (status == 200) return run;
            if (handling.IsFaulted) await handling;
            if (attempt > 0) await Task.Delay(TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(attempt, 10) + 1), 120) + random.NextDouble()), world);
        }
    }
}
