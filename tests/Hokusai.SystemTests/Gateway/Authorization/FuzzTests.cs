using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway;
using Hokusai.Serve;
using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Gateway.Endurance;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hokusai.SystemTests.Gateway.Authorization;

/// <summary>
/// Odd requests at the gateway with keys of few scopes and grants: none reaches the upstream that the key could not have sent plainly, none shows what
/// it may not see, none is answered 500. <c>bench/gateway/fuzz</c> sends more of them.
/// </summary>
public sealed class FuzzTests
{
    private const int Connections = 8;

    private static long Count { get; } = Number("HOKUSAI_TEST_FUZZ", 20_000);

    private static long Seed { get; } = Number("HOKUSAI_TEST_FUZZ_SEED", 1);

    private static TimeSpan Limit { get; } = TimeSpan.FromMinutes(10);

    [Fact(Timeout = 12 * 60_000)]
    public async Task Requests_OfAllKinds_ReachOnlyWhatTheirKeyMayReach()
    {
        var grants = new KeyGrants(["open*"], ["open*"]);
        ValidatedKey[] owners =
        [
            Owner("key_reader", null, Scopes.Read), Owner("key_writer", null, Scopes.Write), Owner("key_modeller", null, Scopes.ModelWrite),
            Owner("key_granted", grants, Scopes.Read, Scopes.Write, Scopes.ModelWrite), Owner("key_root", grants, Scopes.Admin), Owner("key_few", grants, Scopes.Read),
        ];
        var keys = owners.Select(_ => ApiKey.Mint().Reveal()).ToList();
        await using var upstream = await FuzzUpstream.StartAsync(owners.ToDictionary(owner => owner.KeyId));
        await using var auth = await RoleHost.StartAsync(
            ListenAddress.Loopback(0),
            http =>
            {
                var authorization = http.Request.Headers.Authorization.ToString();
                var owner = keys.FindIndex(key => authorization.EndsWith(key, StringComparison.Ordinal));
                return ScriptedServer.WriteAsync(http, owner < 0 ? 404 : 200, owner < 0 ? "{}" : JsonSerializer.Serialize(owners[owner], KeyValidationJson.Default.ValidatedKey));
            },
            NullLoggerFactory.Instance, new Hosting(), TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        var options = new GatewayOptions { Upstream = upstream.Url, AuthService = auth.Url, Shield = new Hokusai.Gateway.Shield.ShieldOptions { Enabled = false } };
        await using var gateway = await RunningRole.StartGatewayAsync(options, ListenAddress.Loopback(0), new RoleSurroundings(TimeProvider.System, NullLoggerFactory.Instance, TimeSpan.FromSeconds(2)), TestContext.Current.CancellationToken);

        var requests = new FuzzRequests(keys);
        var (faults, statuses) = (new ConcurrentQueue<string>(), new ConcurrentDictionary<int, long>());
        var (next, began) = (-1L, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(SendAllAsync)));

        var took = Stopwatch.GetElapsedTime(began);
        Scale.Report($"fuzz: {statuses.Values.Sum()} requests from seed {Seed} in {took.TotalSeconds:0} s: {upstream.Reached} reached the upstream, {upstream.Faults.Count} of them without scope or grant, {statuses.GetValueOrDefault(500)} answered 500, {faults.Count} other faults; by status {string.Join(", ", statuses.OrderBy(s => s.Key).Select(s => $"{s.Key}: {s.Value}"))}");
        Assert.Empty(upstream.Faults.Take(10));
        Assert.Empty(faults.Take(10));
        // So that it can't pass by reaching nothing.
        Assert.True(upstream.Reached > statuses.Values.Sum() / 20, $"only {upstream.Reached} requests reached the upstream");
        Assert.True(statuses.GetValueOrDefault(400) > 0 && statuses.GetValueOrDefault(403) > 0 && statuses.GetValueOrDefault(404) > 0);

        async Task SendAllAsync()
        {
            var address = new Uri(gateway.Url);
            using var client = new FuzzClient(address.Host, address.Port);
            for (long i; (i = Interlocked.Increment(ref next)) < Count && Stopwatch.GetElapsedTime(began) < Limit;)
            {
                var bytes = requests.Make(Seed + i, out var key, out var last);
                var (status, text) = await client.SendAsync(bytes, bytes.AsSpan().StartsWith("HEAD "u8), last);
                statuses.AddOrUpdate(status, 1, static (_, count) => count + 1);
                if (status == 500) faults.Enqueue($"seed {Seed + i} was answered 500: {Shown(bytes)}");
                if (owners[key].Grants is not null && text.Contains(FuzzUpstream.Mark, StringComparison.Ordinal)) faults.Enqueue($"seed {Seed + i} was shown what it may not see: {Shown(bytes)}");
            }
        }

        string Shown(byte[] bytes)
        {
            var text = Encoding.Latin1.GetString(bytes);
            return KeyRedactor.Redact(text.Length > 600 ? text[..600] : text);
        }
    }

    // So that it can't pass by an upstream that finds nothing.
    [Theory(Timeout = Deadlines.Test)]
    [InlineData("key_granted", "GET", "/api/2.0/mlflow/experiments/get?experiment_id=2", "", true)]
    [InlineData("key_granted", "GET", "/api/2.0/mlflow/experiments/get?experiment_id=1", "", false)]
    [InlineData("key_granted", "POST", "/ajax-api/2.0/mlflow/runs/create", """{"experimentId":"2"}""", true)]
    [InlineData("key_granted", "POST", "/api/2.0/mlflow/runs/log-batch", """{"run_id":"r1","metrics":[{"model_id":"m-2"}]}""", true)]
    [InlineData("key_granted", "DELETE", "/api/2.0/mlflow-artifacts/artifacts/%32/r2", "", true)]
    [InlineData("key_granted", "POST", "/api/2.0/mlflow/model-versions/create", """{"name":"open","source":"mlflow-artifacts:/2/x"}""", true)]
    [InlineData("key_reader", "GET", "/api/2.0/mlflow/experiments/get?experiment_id=2", "", false)]
    [InlineData("key_reader", "POST", "/api/2.0/mlflow/runs/create", "{}", true)]
    public async Task Upstream_SentWhatAKeyMayNotDo_NotesIt(string key, string method, string target, string body, bool noted)
    {
        ValidatedKey[] owners = [Owner("key_reader", null, Scopes.Read), Owner("key_granted", new KeyGrants(["open*"], ["open*"]), Scopes.Read, Scopes.Write, Scopes.ModelWrite)];
        await using var upstream = await FuzzUpstream.StartAsync(owners.ToDictionary(owner => owner.KeyId));
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(new HttpMethod(method), upstream.Url + target) { Headers = { { "X-Fuzz", "1" }, { "X-Hokusai-Key-Id", key }, { "X-Hokusai-Scopes", string.Join(',', owners.Single(owner => owner.KeyId == key).Scopes) } } };
        if (body.Length > 0) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using (await client.SendAsync(request, TestContext.Current.CancellationToken)) Assert.Equal(noted ? 1 : 0, upstream.Faults.Count);
    }

    private static ValidatedKey Owner(string id, KeyGrants? grants, params string[] scopes) => new("ada", id, "hokusai-gateway", scopes, Grants: grants);

    private static long Number(string variable, long standard) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : standard;
}
