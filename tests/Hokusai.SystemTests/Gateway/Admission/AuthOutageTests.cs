using System.Collections.Concurrent;
using System.Diagnostics;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Admission;
using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Gateway.Endurance;

namespace Hokusai.SystemTests.Gateway.Admission;

/// <summary>The auth service goes and comes back under load.</summary>
public sealed class AuthOutageTests
{
    private static readonly Uri Read = new("/api/2.0/mlflow/experiments/search", UriKind.Relative);
    private static readonly Uri Write = new("/api/2.0/mlflow/runs/log-metric", UriKind.Relative);

    [EnduranceFact]
    public async Task Outage_AuthServiceIsSilentThenBack_KnownKeysGoOnByPolicyAndNobodyElse()
    {
        var (away, revoked) = (false, ApiKey.Mint().Reveal());
        await using var hop = await GatewayHop.StartAsync(
            validate: http =>
            {
                if (away) return ScriptedServer.Silence()(http);
                return http.Request.Headers.Authorization.ToString().EndsWith(revoked, StringComparison.Ordinal)
                    ? ScriptedServer.WriteAsync(http, 401, """{"error_code":"KEY_REVOKED","message":"?"}""")
                    : GatewayHop.Good()(http);
            },
            changes: async http =>
            {
                if (away) await ScriptedServer.Silence()(http);
                else if (http.Request.Query["after"] == "-1") await ScriptedServer.WriteAsync(http, 200, """{"revision":1}""");
                else await Task.WhenAny(ScriptedServer.Silence()(http), Until.TrueAsync("away", TimeSpan.FromMinutes(10), () => away));
            },
            configure: o => o with { VerdictLifetime = TimeSpan.FromSeconds(1), AuthDeadline = TimeSpan.FromSeconds(1), Verdicts = new VerdictOptions { StaleWrites = StaleVerdicts.Refuse } });
        await hop.Gateway.Logs.HasAsync("RevocationFeedConnected");
        var (known, stranger, bad) = (hop.Client(), hop.Gateway.Client(ApiKey.Mint().Reveal()), hop.Gateway.Client(revoked));
        // The auth service's deadline is short here: a machine that stands still for a moment may miss it.
        foreach (var (client, target, status) in new[] { (known, Read, 200), (known, Write, 200), (bad, Read, 401) })
            await Until.TrueAsync($"{status}", TimeSpan.FromSeconds(20), async () => await StatusAsync(client, target) == status);

        away = true;
        await Task.Delay(TimeSpan.FromSeconds(1.1), TimeProvider.System, TestContext.Current.CancellationToken);
        var outage = Stopwatch.StartNew();
        var (reads, writes, strange, refused) = (new ConcurrentBag<(int Status, TimeSpan Took)>(), new ConcurrentBag<int>(), new ConcurrentBag<int>(), new ConcurrentBag<int>());
        await Task.WhenAll(
            RepeatAsync(outage, async () => reads.Add(await TimedAsync(known, Read))),
            RepeatAsync(outage, async () => writes.Add(await StatusAsync(known, Write))),
            RepeatAsync(outage, async () => strange.Add(await StatusAsync(stranger, Read))),
            RepeatAsync(outage, async () => refused.Add(await StatusAsync(bad, Read))));

        Assert.All(reads, read => Assert.Equal(200, read.Status));
        Assert.All(writes, status => Assert.Equal(503, status));
        Assert.All(strange, status => Assert.Equal(503, status));
        // Refused as long as its refusal is remembered, and never let in.
        Assert.All(refused, status => Assert.True(status is 401 or 503, $"a revoked key got {status}"));
        // The first may wait a moment, whoever comes later must not wait for the deadline again.
        var took = reads.Select(read => read.Took).Order().ToList();
        if (Scale.IsFull) Assert.InRange(took[took.Count * 9 / 10], TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
        // In the short form the machine may be slow: who waited at all would wait a quarter of a second each time.
        else Assert.InRange(took[took.Count / 2], TimeSpan.Zero, TimeSpan.FromMilliseconds(240));
        Scale.Report($"auth outage of {outage.Elapsed.TotalSeconds:0} s: {reads.Count} reads of a known key, all served, slowest {reads.Max(r => r.Took).TotalMilliseconds:0} ms; {strange.Count} of an unknown key and {writes.Count} writes, none served");

        away = false;
        var back = Stopwatch.StartNew();
        foreach (var (client, target) in new[] { (stranger, Read), (known, Write) })
        {
            await Until.TrueAsync("it is served again", TimeSpan.FromSeconds(20), async () => await StatusAsync(client, target) == 200);
        }
        Scale.Report($"auth outage: everybody served {back.Elapsed.TotalMilliseconds:0} ms after its end");
    }

    private static async Task RepeatAsync(Stopwatch since, Func<Task> send)
    {
        while (since.Elapsed < Scale.AuthOutage)
        {
            await send();
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<(int, TimeSpan)> TimedAsync(HttpClient client, Uri target)
    {
        var began = Stopwatch.GetTimestamp();
        return (await StatusAsync(client, target), Stopwatch.GetElapsedTime(began));
    }

    private static async Task<int> StatusAsync(HttpClient client, Uri target)
    {
        using var answer = target == Read ? await client.GetAsync(target, TestContext.Current.CancellationToken) : await client.PostAsync(target, new StringContent("{}"), TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }
}
