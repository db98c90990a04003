using Hokusai.SystemTests.Conformance;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Tracking;

/// <summary>The recorded scenarios again, at a tracking server that keeps its data in PostgreSQL.</summary>
public sealed class PostgresConformanceTests(PostgresServer postgres)
{
    private const int Deadline = 180_000;

    [Theory(Timeout = Deadline)]
    [MemberData(nameof(ConformanceTests.Scenarios), MemberType = typeof(ConformanceTests))]
    public async Task Replay_OnPostgres_AnswersAsRecorded(string scenario)
    {
        await using var tracking = await TrackingHost.StartAsync(await postgres.CreateDatabaseAsync());
        using var replayer = new ScenarioReplayer(tracking.Url);

        Assert.Empty(await replayer.ReplayAsync(Scenario.Read(scenario), TestContext.Current.CancellationToken));
    }
}
