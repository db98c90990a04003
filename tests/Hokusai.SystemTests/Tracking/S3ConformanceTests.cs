using Hokusai.SystemTests.Conformance;
using Hokusai.SystemTests.Tracking.Artifacts;

namespace Hokusai.SystemTests.Tracking;

/// <summary>The recorded scenarios in which artifacts are stored, at a tracking server that keeps them in S3.</summary>
public sealed class S3ConformanceTests
{
    private const int Deadline = 180_000;

    [Theory(Timeout = Deadline)]
    [InlineData("artifacts")]
    [InlineData("logged-models")]
    [InlineData("client-2.9.2-registers-a-model")]
    [InlineData("client-3.4.1-registers-a-model")]
    public async Task Replay_OnS3_AnswersAsRecorded(string scenario)
    {
        await using var place = await S3Place.StartAsync();
        using var replayer = new ScenarioReplayer(place.Url);

        Assert.Empty(await replayer.ReplayAsync(Scenario.Read(scenario), TestContext.Current.CancellationToken));
    }
}
