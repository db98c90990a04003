using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Processes;

/// <summary><c>serve tracking</c> with artifacts in S3, as it runs in AWS.</summary>
public sealed class S3ArtifactTests
{
    private const int Deadline = 180_000;
    private const string Destination = $"s3://{S3Server.Bucket}/artifacts";
    private const long Large = 200L << 20;

    // Four parts of 8 MiB, what the SDK sends them with, and what sockets hold.
    private const long MostGrowth = 100L << 20;

    [Fact(Timeout = Deadline)]
    public async Task Verify_ThroughTheChain_RegistersAModelAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        await using var s3 = await S3Server.StartAsync();
        await using var tracking = await StartAsync(folder, s3);
        await using var stack = await TestStack.StartAsync(tracking.Url);

        var (code, output, errors) = await HokusaiProcess.RunAsync(null, null, "verify", "--url", stack.ClientUrl, "--key", stack.Key);

        Assert.True(code == 0, output + errors);
        Assert.Contains(", 0 failed, 0 skipped in ", output, StringComparison.Ordinal);
        Assert.Contains(s3.Calls, call => call.Operation == "PutObject" && call.Key.EndsWith("/MLmodel", StringComparison.Ordinal));
        Assert.Empty(s3.Keys);
        Assert.Equal(0, s3.OpenUploads);
    }

    [Fact(Timeout = Deadline)]
    public async Task Refusal_ThroughTheChain_ReachesTheClientInWords()
    {
        using var folder = new TemporaryFolder();
        await using var s3 = await S3Server.StartAsync();
        await using var tracking = await StartAsync(folder, s3);
        await using var stack = await TestStack.StartAsync(tracking.Url);
        using var calls = new Calls(stack.ClientUrl, stack.Key);
        s3.Fail("PutObject", 403, "AccessDenied");

        var answer = await calls.PutAsync("0/a.txt", "text");

        // Not among the statuses that MLflow's client repeats for minutes.
        Assert.Equal((501, "NOT_IMPLEMENTED"), (answer.Status, answer.ErrorCode));
        Assert.All((string[])[S3Server.Bucket, "s3:PutObject"], part => Assert.Contains(part, answer.Body, StringComparison.Ordinal));
    }

    [Fact(Timeout = Deadline)]
    public async Task Artifact_TwoHundredMebibytesUpAndDown_ArriveAlikeInLittleMemory()
    {
        using var folder = new TemporaryFolder();
        await using var s3 = await S3Server.StartAsync();
        await using var tracking = await StartAsync(folder, s3);
        var calls = tracking.Client();
        // What any first transfer costs is not growth.
        (await calls.PutAsync("0/small.bin", new GeneratedContent(1 << 20))).Ok();
        (await calls.ReadAsync("0/small.bin")).Ok();
        var before = tracking.Process.Resident;
        var content = new GeneratedContent(Large);

        (await calls.PutAsync("0/large.bin", content)).Ok();
        var received = await GeneratedContent.DownloadAsync(calls, "0/large.bin");

        Assert.Equal((Large, content.Sha256), received);
        Assert.InRange(tracking.Process.PeakResident - before, 0, MostGrowth);
    }

    [Fact(Timeout = Deadline)]
    public async Task Start_BucketRefused_IsOneLineAndExitCode3()
    {
        using var folder = new TemporaryFolder();
        await using var s3 = await S3Server.StartAsync();
        s3.Fail("ListObjectsV2", 403, "AccessDenied");

        var (code, _, errors) = await HokusaiProcess.RunAsync(folder.Path, s3.Environment, "serve", "tracking", "--port", "0", "--artifacts-destination", Destination);

        Assert.Equal(3, code);
        var line = Assert.Single(errors.Split('\n'));
        Assert.All((string[])[S3Server.Bucket, "s3:ListBucket", "prefix artifacts/*"], part => Assert.Contains(part, line, StringComparison.Ordinal));
    }

    [Theory(Timeout = Deadline)]
    [InlineData("AWS_REGION", "set AWS_REGION")]
    [InlineData("AWS_ACCESS_KEY_ID", "Give the task or instance a role")]
    public async Task Start_SettingIsMissing_IsOneLineAndExitCode3(string missing, string remedy)
    {
        using var folder = new TemporaryFolder();
        await using var s3 = await S3Server.StartAsync();
        // An endpoint of one's own needs no region; profiles of who runs the test are not asked.
        var environment = s3.Environment.Where(setting => missing != "AWS_REGION" || setting.Key != "MLFLOW_S3_ENDPOINT_URL").ToDictionary();
        foreach (var name in (string[])[missing, "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]) environment[name] = "";
        foreach (var name in (string[])["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]) environment[name] = folder.PathOf("none");
        environment["HOME"] = folder.Path;

        var (code, _, errors) = await HokusaiProcess.RunAsync(folder.Path, environment, "serve", "tracking", "--port", "0", "--artifacts-destination", Destination);

        Assert.Equal(3, code);
        Assert.Contains(remedy, Assert.Single(errors.Split('\n')), StringComparison.Ordinal);
    }

    private static Task<TrackingProcess> StartAsync(TemporaryFolder folder, S3Server s3) => TrackingProcess.StartAsync(folder.Path, s3.Environment, "--artifacts-destination", Destination);
}
