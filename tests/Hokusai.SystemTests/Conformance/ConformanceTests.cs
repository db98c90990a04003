using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Conformance;

/// <summary>What real MLflow servers answered, replayed at the tracking server alone and through the whole chain.</summary>
public sealed class ConformanceTests
{
    private const int Deadline = 180_000;

    public static TheoryData<string> Scenarios { get; } =
    [
        "experiments",
        "experiments-search",
        "runs",
        "runs-search",
        "metrics-numbers",
        "batch",
        "inputs",
        "validation",
        "artifacts",
        "registry",
        "registry-search",
        "logged-models",
        "deletes",
        "client-2.9.2-registers-a-model",
        "client-3.4.1-registers-a-model",
    ];

    [Theory(Timeout = Deadline)]
    [MemberData(nameof(Scenarios))]
    public async Task Replay_StraightAtTracking_AnswersAsRecorded(string scenario)
    {
        await using var stack = await TestStack.StartAsync();
        using var replayer = new ScenarioReplayer(stack.TrackingUrl);

        Assert.Empty(await replayer.ReplayAsync(Scenario.Read(scenario), TestContext.Current.CancellationToken));
    }

    [Theory(Timeout = Deadline)]
    [MemberData(nameof(Scenarios))]
    public async Task Replay_ThroughEdgeAndGateway_AnswersAsRecorded(string scenario)
    {
        await using var stack = await TestStack.StartAsync();
        using var replayer = new ScenarioReplayer(stack.ClientUrl, new Dictionary<string, string> { ["Authorization"] = "Bearer " + stack.Key });

        Assert.Empty(await replayer.ReplayAsync(Scenario.Read(scenario), TestContext.Current.CancellationToken));
    }
}
