using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Tracking;

/// <summary>What clients do to one thing at the same time. The same tests run on each database.</summary>
public abstract class ConcurrencyTests
{
    protected const int Deadline = 60_000;

    /// <summary>The database of a test; null for a SQLite file.</summary>
    protected abstract Task<string?> NewStoreAsync();

    [Fact(Timeout = Deadline)]
    public async Task CreateVersion_FiftyAtOnce_GetFiftyNumbers()
    {
        await using var tracking = await TrackingHost.StartAsync(await NewStoreAsync());
        using var calls = new Calls(tracking.Url);
        (await calls.PostAsync("registered-models/create", new { name = "model" })).Ok();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => calls.PostAsync("model-versions/create", new { name = "model", source = "mlflow-artifacts:/models/1" })));

        Assert.Equal(Enumerable.Range(1, 50), answers.Select(answer => int.Parse(answer.Ok().Text("model_version.version"), System.Globalization.CultureInfo.InvariantCulture)).Order());
    }

    [Theory(Timeout = Deadline)]
    [InlineData("experiments/create")]
    [InlineData("registered-models/create")]
    public async Task Create_TwentyOfOneNameAtOnce_OneIsCreated(string call)
    {
        await using var tracking = await TrackingHost.StartAsync(await NewStoreAsync());
        using var calls = new Calls(tracking.Url);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => calls.PostAsync(call, new { name = "same" })));

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(19, answers.Count(answer => (answer.Status, answer.ErrorCode) == (400, "RESOURCE_ALREADY_EXISTS")));
    }

    [Fact(Timeout = Deadline)]
    public async Task LogBatch_SameKeysInAnotherOrder_AllAreKept()
    {
        await using var tracking = await TrackingHost.StartAsync(await NewStoreAsync());
        using var calls = new Calls(tracking.Url);
        var run = await calls.CreateRunAsync();
        var keys = Enumerable.Range(0, 40).Select(i => $"key-{i}").ToList();

        // Each locks rows in its own order: on PostgreSQL deadlocks are certain here.
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(step =>
        {
            var ordered = step % 2 == 0 ? keys : Enumerable.Reverse(keys);
            var tags = ordered.Select(key => new { key, value = $"{step}" });
            return calls.PostAsync("runs/log-batch", new { run_id = run, metrics = ordered.Select(key => new { key, value = step, timestamp = 1, step }), tags });
        }));

        Assert.All(answers, answer => answer.Ok());
        foreach (var key in keys) Assert.Equal(Enumerable.Range(0, 16).Select(step => (long)step), (await calls.HistoryAsync(run, key)).Select(point => point.Step).Order());
        var tags = (await calls.GetAsync("runs/get?run_id=" + run)).Ok().Json.GetProperty("run").GetProperty("data").GetProperty("tags").EnumerateArray().Where(tag => tag.GetProperty("key").GetString()!.StartsWith("key-", StringComparison.Ordinal));
        // A batch is one unit: the last one's tags stand together.
        Assert.Single(tags.Select(tag => tag.GetProperty("value").GetString()).Distinct());
    }

    [Fact(Timeout = Deadline)]
    public async Task LogMetric_ManyAtOnceOnOneKey_LatestIsTheGreatestStep()
    {
        await using var tracking = await TrackingHost.StartAsync(await NewStoreAsync());
        using var calls = new Calls(tracking.Url);
        var run = await calls.CreateRunAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(step => calls.PostAsync("runs/log-metric", new { run_id = run, key = "loss", value = step * 0.5, timestamp = 1, step = step * 7 % 60 })));

        Assert.All(answers, answer => answer.Ok());
        Assert.Equal(60, (await calls.HistoryAsync(run, "loss")).Count);
        var latest = Assert.Single((await calls.GetAsync("runs/get?run_id=" + run)).Ok().Json.GetProperty("run").GetProperty("data").GetProperty("metrics").EnumerateArray());
        Assert.Equal(59, latest.GetProperty("step").GetInt64());
    }

    [Fact(Timeout = Deadline)]
    public async Task LogParameter_ManyValuesAtOnce_OneStaysAndTheOthersAreTold()
    {
        await using var tracking = await TrackingHost.StartAsync(await NewStoreAsync());
        using var calls = new Calls(tracking.Url);
        var run = await calls.CreateRunAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => calls.PostAsync("runs/log-parameter", new { run_id = run, key = "depth", value = $"{i}" })));

        var winner = Array.FindIndex(answers, answer => answer.Status == 200);
        var stored = Assert.Single((await calls.GetAsync("runs/get?run_id=" + run)).Ok().Json.GetProperty("run").GetProperty("data").GetProperty("params").EnumerateArray());
        Assert.Equal($"{winner}", stored.GetProperty("value").GetString());
        Assert.All(answers.Where((_, i) => i != winner), answer =>
        {
            Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (answer.Status, answer.ErrorCode));
            Assert.Contains($"already logged with value='{winner}'", answer.Body, StringComparison.Ordinal);
        });
    }

    [Fact(Timeout = Deadline)]
    public async Task SetAliasAndDeleteVersion_AtOnce_LeaveNoAliasWithoutAVersion()
    {
        await using var tracking = await TrackingHost.StartAsync(await NewStoreAsync());
        using var calls = new Calls(tracking.Url);
        (await calls.PostAsync("registered-models/create", new { name = "model" })).Ok();
        for (var i = 0; i < 10; i++) (await calls.PostAsync("model-versions/create", new { name = "model", source = "mlflow-artifacts:/models/1" })).Ok();

        var answers = await Task.WhenAll(Enumerable.Range(1, 10).SelectMany(version => (Task<Answer>[])
        [
            calls.PostAsync("registered-models/alias", new { name = "model", alias = $"alias-{version}", version = $"{version}" }),
            calls.SendAsync(HttpMethod.Delete, "/api/2.0/mlflow/model-versions/delete", System.Net.Http.Json.JsonContent.Create(new { name = "model", version = $"{version}" })),
        ]));

        Assert.All(answers, answer => Assert.Contains(answer.Status, (int[])[200, 404]));
        Assert.False((await calls.GetAsync("registered-models/get?name=model")).Ok().Json.GetProperty("registered_model").TryGetProperty("aliases", out var aliases), aliases.ToString());
    }
}

public sealed class SqliteConcurrencyTests : ConcurrencyTests
{
    protected override Task<string?> NewStoreAsync() => Task.FromResult<string?>(null);
}

public sealed class PostgresConcurrencyTests(PostgresServer postgres) : ConcurrencyTests
{
    protected override async Task<string?> NewStoreAsync() => await postgres.CreateDatabaseAsync();
}
