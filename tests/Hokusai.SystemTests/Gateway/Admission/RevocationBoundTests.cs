using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Hokusai.Gateway;
using Hokusai.Gateway.Limits;
using Hokusai.Keys;
using Hokusai.Keys.Administration;
using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Gateway.Endurance;

namespace Hokusai.SystemTests.Gateway.Admission;

/// <summary>From a revocation to its refusal by every gateway, whatever happens to the channel that pushes it.</summary>
public sealed class RevocationBoundTests
{
    private static readonly Uri Search = new("/api/2.0/mlflow/experiments/search", UriKind.Relative);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    [EnduranceFact]
    public async Task Revoke_ThreeGatewaysWithThePushChannelCutEverySecondTime_AllRefuseWithinTwoSeconds()
    {
        using var folder = new TestFolder();
        await using var upstream = await ScriptedServer.StartAsync();
        await using var keys = await TestRole.KeysAsync(new KeysOptions { StoreUri = folder.Sqlite("keys.db"), PepperFile = folder.PathOf("pepper") });
        await using var between = await CutRelay.StartAsync(keys.Url);
        await using var a = await StartAsync(upstream, between);
        await using var b = await StartAsync(upstream, between);
        await using var c = await StartAsync(upstream, between);
        var admin = keys.AdminClient(keys.FirstKey);
        var took = new List<(Cut Cut, TimeSpan Took)>();

        for (var trial = 0; trial < Scale.Revocations; trial++)
        {
            between.Cut = trial % 2 == 0 ? Cut.None : (Cut)(1 + trial / 2 % 3);
            // In full the machine is the test's alone, and each trial counts.
            took.Add((between.Cut, Scale.IsFull ? await TryAsync(trial) : await Prompt.BestAsync(Bound, () => TryAsync(trial))));
        }

        foreach (var kind in took.GroupBy(t => t.Cut).OrderBy(g => g.Key))
            Scale.Report($"revocation, cut {kind.Key}: {kind.Count()} trials on three gateways, slowest {kind.Max(t => t.Took).TotalMilliseconds:0} ms, median {kind.Order().ElementAt(kind.Count() / 2).Took.TotalMilliseconds:0} ms");
        Assert.All(took, trial => Assert.True(trial.Took <= Bound, $"cut {trial.Cut}: refused after {trial.Took.TotalMilliseconds:0} ms"));

        async Task<TimeSpan> TryAsync(int trial)
        {
            var key = await CreateAsync(admin);
            var clients = new[] { a, b, c }.Select(gateway => gateway.Client(key.Key)).ToList();
            // In use for a while, so that it is remembered and not just new.
            for (var i = 0; i < 3; i++)
            {
                foreach (var client in clients) Assert.Equal(HttpStatusCode.OK, await StatusAsync(client));
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
            }
            if (between.Cut == Cut.None) await Until.TrueAsync("the push channel stands", TimeSpan.FromSeconds(20), () => between.Held == 3);
            // So that trials meet the poll at different moments.
            else await Task.Delay(TimeSpan.FromMilliseconds(trial * 137 % 700), TimeProvider.System, TestContext.Current.CancellationToken);
            await RevokeAsync(admin, key.KeyId);
            var since = Stopwatch.StartNew();
            return (await Task.WhenAll(clients.Select(client => UntilRefusedAsync(client, since)))).Max();
        }
    }

    // All trials come from one address: it must not look like a guesser with each key that was revoked.
    private static Task<TestRole> StartAsync(ScriptedServer upstream, CutRelay between) => TestRole.GatewayAsync(
        new GatewayOptions { Upstream = upstream.Url, AuthService = between.Url, Limits = new LimitOptions { FailedAttemptsPerMinute = 0 } });

    private static async Task<TimeSpan> UntilRefusedAsync(HttpClient client, Stopwatch since)
    {
        while (await StatusAsync(client) != HttpStatusCode.Unauthorized)
        {
            if (since.Elapsed > Bound * 5) break;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
        return since.Elapsed;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(Search, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<KeyDescription> CreateAsync(HttpClient admin)
    {
        using var answer = await admin.PostAsJsonAsync("api/v1/keys", new CreateKeyRequest("trial"), KeyJson.Default.CreateKeyRequest, TestContext.Current.CancellationToken);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(KeyJson.Default.KeyDescription, TestContext.Current.CancellationToken))!;
    }

    private static async Task RevokeAsync(HttpClient admin, string id)
    {
        using var answer = await admin.PostAsync(new Uri($"api/v1/keys/{id}/revoke", UriKind.Relative), null, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
