using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Processes;

public sealed class LargeArtifactTests
{
    private const int Deadline = 300_000;
    private const long Length = 2L << 30;
    private const long MostGrowth = 100L << 20;

    [Fact(Timeout = Deadline)]
    public async Task Artifact_TwoGibibytesUpAndDown_ArriveAlikeInLittleMemory()
    {
        using var folder = new TemporaryFolder();
        await using var up = await UpProcess.StartAsync(folder.PathOf("data"));
        var calls = up.Client();
        // How long it takes is the disk's business; the test's own deadline ends it.
        calls.Http.Timeout = Timeout.InfiniteTimeSpan;
        // What any first transfer costs is not growth.
        (await calls.PutAsync("0/small.bin", new GeneratedContent(1 << 20))).Ok();
        (await calls.ReadAsync("0/small.bin")).Ok();
        var before = up.Process.Resident;
        var content = new GeneratedContent(Length);

        (await calls.PutAsync("0/large.bin", content)).Ok();
        var received = await GeneratedContent.DownloadAsync(calls, "0/large.bin");

        Assert.Equal((Length, content.Sha256), received);
        Assert.InRange(up.Process.PeakResident - before, 0, MostGrowth);
    }
}
