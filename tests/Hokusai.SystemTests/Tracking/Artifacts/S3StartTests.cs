using Hokusai.SystemTests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.SystemTests.Tracking.Artifacts;

/// <summary>A start with a bucket that can't be used: one line, soon.</summary>
public sealed class S3StartTests
{
    [Theory(Timeout = Deadlines.Test)]
    [InlineData("ListObjectsV2", 403, "AccessDenied", "s3:ListBucket")]
    [InlineData("CreateMultipartUpload", 403, "AccessDenied", "s3:PutObject")]
    [InlineData("AbortMultipartUpload", 403, "AccessDenied", "s3:AbortMultipartUpload")]
    [InlineData("ListObjectsV2", 404, "NoSuchBucket", "create it")]
    [InlineData("ListObjectsV2", 301, "PermanentRedirect", "AWS_REGION")]
    [InlineData("ListObjectsV2", 403, "InvalidAccessKeyId", "credentials")]
    [InlineData("ListObjectsV2", 503, "SlowDown", "SlowDown")]
    public async Task Start_S3Refuses_IsToldWithTheRemedy(string operation, int status, string code, string remedy)
    {
        await using var s3 = await S3Server.StartAsync();
        s3.Fail(operation, status, code);

        var failure = await FailAsync(s3.Url);

        Assert.All((string[])[S3Server.Bucket, code, remedy], part => Assert.Contains(part, failure, StringComparison.Ordinal));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Start_NothingListens_IsToldWithTheAddress()
    {
        using var taken = RawServer.Refusing(out var nobody);
        await using var environment = await S3Server.StartAsync();

        var failure = await FailAsync(nobody);

        Assert.All((string[])[S3Server.Bucket, nobody, "can't be reached"], part => Assert.Contains(part, failure, StringComparison.Ordinal));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Start_S3IsSilent_IsGivenUpAfterFiveSeconds()
    {
        await using var s3 = await S3Server.StartAsync();
        var time = new FakeTimeProvider();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        s3.Script = async (_, http) =>
        {
            asked.TrySetResult();
            await ScriptedServer.Silence()(http);
            return true;
        };

        var failing = FailAsync(s3.Url, time);
        await asked.Task.InTime();
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(failing.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        var failure = await failing.InTime();

        Assert.All((string[])["within 5 s", S3Server.Bucket, s3.Url], part => Assert.Contains(part, failure, StringComparison.Ordinal));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Start_ArtifactsNotServed_DoesNotAskS3()
    {
        await using var s3 = await S3Server.StartAsync();
        s3.Fail("ListObjectsV2", 403, "AccessDenied");

        await using var host = await TrackingHost.StartAsync(change: given => given with { ServeArtifacts = false, DefaultArtifactRoot = $"s3://{S3Server.Bucket}/x", S3Endpoint = s3.Url }, time: new PatientTime());

        Assert.Empty(s3.Calls);
    }

    private static async Task<string> FailAsync(string endpoint, TimeProvider? time = null)
    {
        var failure = await Assert.ThrowsAsync<CommandFailure>(() => TrackingHost.StartAsync(change: given => given with { ArtifactsDestination = $"s3://{S3Server.Bucket}/x", S3Endpoint = endpoint }, time: time ?? new PatientTime()));
        Assert.Equal(3, failure.ExitCode);
        Assert.DoesNotContain('\n', failure.Message);
        return failure.Message;
    }
}
