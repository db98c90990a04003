using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Tracking.Artifacts;

/// <summary>What is S3's own: keys, failures, and what others put into the bucket.</summary>
public sealed class S3StoreTests : ArtifactStoreTests
{
    [Fact(Timeout = Deadline)]
    public async Task Calls_All_AreSignedForTheRegion()
    {
        await using var place = await S3Place.StartAsync();
        using var calls = new Calls(place.Url);
        (await calls.PutAsync("0/a.txt", "text")).Ok();
        (await calls.ReadAsync("0/a.txt")).Ok();
        (await DeleteAsync(calls, "0")).Ok();

        Assert.Equal(["AbortMultipartUpload", "CreateMultipartUpload", "DeleteObjects", "GetObject", "ListObjectsV2", "PutObject"], place.S3.Calls.Select(call => call.Operation).Distinct().Order(StringComparer.Ordinal));
        Assert.All(place.S3.Calls, call => Assert.Contains("/eu-west-1/s3/aws4_request", call.Authorization!, StringComparison.Ordinal));
    }

    [Theory(Timeout = Deadline)]
    [InlineData("PutObject", "InternalError", 500)]
    [InlineData("PutObject", "SlowDown", 503)]
    [InlineData("UploadPart", "InternalError", 500)]
    [InlineData("CreateMultipartUpload", "SlowDown", 503)]
    [InlineData("CompleteMultipartUpload", "InternalError", 500)]
    [InlineData("GetObject", "SlowDown", 503)]
    public async Task S3_FailsOnce_IsAskedAgain(string operation, string code, int status)
    {
        await using var place = await S3Place.StartAsync();
        using var calls = new Calls(place.Url);
        var content = RandomNumberGenerator.GetBytes(operation is "PutObject" or "GetObject" ? 1_000 : 20 << 20);
        place.S3.Fail(operation, status, code, times: 1);

        (await calls.PutAsync("0/a.bin", new ByteArrayContent(content))).Ok();
        using var answer = await GetAsync(calls, "0/a.bin");

        Assert.True((await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).AsSpan().SequenceEqual(content));
        Assert.Equal(0, place.S3.OpenUploads);
    }

    [Theory(Timeout = Deadline)]
    [InlineData("PutObject", 1_000)]
    [InlineData("CreateMultipartUpload", 20 << 20)]
    [InlineData("UploadPart", 20 << 20)]
    [InlineData("CompleteMultipartUpload", 20 << 20)]
    public async Task Put_S3FailsOnAndOn_Is503AndLeavesNothing(string operation, int size)
    {
        await using var place = await S3Place.StartAsync();
        using var calls = new Calls(place.Url);
        place.S3.Fail(operation, 503, "SlowDown");

        var answer = await calls.PutAsync("0/a.bin", new ByteArrayContent(new byte[size]));

        Assert.Equal((503, "TEMPORARILY_UNAVAILABLE"), (answer.Status, answer.ErrorCode));
        Assert.Contains("SlowDown", answer.Body, StringComparison.Ordinal);
        Assert.Equal(0, place.S3.OpenUploads);
        Assert.Empty(place.Stored());
        // Of three parts under way, the first that fails for good ends the others.
        Assert.InRange(place.S3.Calls.Count(call => call.Operation == operation && call.Key.EndsWith("/a.bin", StringComparison.Ordinal)), 3, operation == "UploadPart" ? 9 : 3);
    }

    [Theory(Timeout = Deadline)]
    [InlineData("PutObject", "s3:PutObject", "/team/artifacts/*")]
    [InlineData("GetObject", "s3:GetObject", "/team/artifacts/*")]
    [InlineData("HeadObject", "s3:GetObject", "/team/artifacts/*")]
    [InlineData("ListObjectsV2", "s3:ListBucket", "(prefix team/artifacts/*)")]
    [InlineData("DeleteObjects", "s3:DeleteObject", "/team/artifacts/*")]
    public async Task S3_RefusesAccess_IsToldWithThePermissionAndLoggedOnce(string operation, string permission, string resource)
    {
        await using var place = await S3Place.StartAsync();
        using var calls = new Calls(place.Url);
        place.Plant("0/a.txt", "text"u8.ToArray());
        place.S3.Fail(operation, 403, "AccessDenied");

        for (var i = 0; i < 3; i++)
        {
            var answer = operation switch
            {
                "PutObject" => await calls.PutAsync("0/a.txt", "text"),
                "GetObject" => await calls.ReadAsync("0/a.txt"),
                "HeadObject" => await GetAsync(calls, "0/a.txt", ("Range", "bytes=1-2")) is var got ? new Answer((int)got.StatusCode, null, await got.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)) : null!,
                "ListObjectsV2" => await calls.SendAsync(HttpMethod.Get, Calls.Artifacts + "?path=0"),
                _ => await DeleteAsync(calls, "0/a.txt"),
            };
            Assert.Equal((501, "NOT_IMPLEMENTED"), (answer.Status, answer.ErrorCode));
            Assert.All((string[])[$"'{S3Server.Bucket}'", permission, $"arn:aws:s3:::{S3Server.Bucket}", resource], part => Assert.Contains(part, answer.Text("message"), StringComparison.Ordinal));
        }
        await place.Logs.OneAsync(entry => entry.Contains("TrackingArtifactStoreRefused", StringComparison.Ordinal));
    }

    [Theory(Timeout = Deadline)]
    [InlineData("GetObject", null)]
    [InlineData("HeadObject", "bytes=1-2")]
    public async Task Get_S3RefusesWhatIsNotThere_Is404(string operation, string? range)
    {
        await using var place = await S3Place.StartAsync();
        using var calls = new Calls(place.Url);
        place.Plant("0/a.txt.bak", [1]);
        place.S3.Fail(operation, 403, "AccessDenied");

        using var answer = await GetAsync(calls, "0/a.txt", range is null ? [] : [("Range", range)]);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        place.Logs.Lacks("TrackingArtifactStoreRefused");
    }

    [Theory(Timeout = Deadline)]
    [InlineData(1_000)]
    [InlineData(3 << 20)]
    public async Task Get_S3CutsTheBody_IsTakenUpWhereItEnded(int size)
    {
        await using var place = await S3Place.StartAsync();
        using var calls = new Calls(place.Url);
        var content = RandomNumberGenerator.GetBytes(size);
        place.Plant("0/a.bin", content);
        CutBodies(place.S3, content, times: 2);

        using var answer = await GetAsync(calls, "0/a.bin");

        Assert.True((await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).AsSpan().SequenceEqual(content));
        Assert.Equal(3, place.S3.Calls.Count(call => call.Operation == "GetObject"));
    }

    [Fact(Timeout = Deadline)]
    public async Task Get_ObjectIsReplacedWhileItIsCut_IsNotMixed()
    {
        await using var place = await S3Place.StartAsync();
        using var calls = new Calls(place.Url);
        var content = RandomNumberGenerator.GetBytes(3 << 20);
        place.Plant("0/a.bin", content);
        CutBodies(place.S3, content, times: 1, then: () => place.Plant("0/a.bin", RandomNumberGenerator.GetBytes(3 << 20)));

        await Assert.ThrowsAsync<HttpRequestException>(() => calls.ReadAsync("0/a.bin"));
    }

    [Fact(Timeout = Deadline)]
    public async Task Get_BytesThatDoNotMatchTheirChecksum_AreNeverSentWhole()
    {
        await using var place = await S3Place.StartAsync();
        using var calls = new Calls(place.Url);
        place.Plant("0/a.txt", "right"u8.ToArray());
        place.S3.Script = async (call, http) =>
        {
            if (call.Operation != "GetObject") return false;
            http.Response.Headers.ETag = S3Object.ETagOf(["right"u8.ToArray()]);
            http.Response.Headers["x-amz-checksum-crc32"] = S3Body.Checksum(["right"u8.ToArray()]);
            await ScriptedServer.WriteAsync(http, 200, "wrong");
            return true;
        };

        var answer = await calls.ReadAsync("0/a.txt");

        Assert.Equal((503, "TEMPORARILY_UNAVAILABLE"), (answer.Status, answer.ErrorCode));
        Assert.Contains("checksum", answer.Text("message"), StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadline)]
    public async Task List_WhatOthersPutThere_IsShownIfAPathLeadsThere()
    {
        await using var place = await S3Place.StartAsync();
        using var calls = new Calls(place.Url);
        foreach (var path in (string[])["0/", "0/marker/", "0//double", "0/../up", "0/./dot", "0/a+b c.txt", "0/100%.txt", "0/\u0001\uFFFE"]) place.Plant(path, [1]);
        place.S3.Put("team/other", [1]);

        Assert.Equal(["\u0001\uFFFE 1", "100%.txt 1", "a+b c.txt 1", "marker/"], await ListAsync(calls, "0"));
        Assert.Empty(await ListAsync(calls, "0/marker"));
        (await calls.ReadAsync("0/a%2Bb%20c.txt")).Ok();
        (await DeleteAsync(calls, "0")).Ok();
        Assert.Equal(["outside: team/other"], place.Stored());
    }

    [Theory(Timeout = Deadline)]
    [InlineData($"s3://{S3Server.Bucket}")]
    [InlineData($"s3://{S3Server.Bucket}/")]
    public async Task Destination_WholeBucket_HasKeysWithoutPrefix(string destination)
    {
        await using var place = await S3Place.StartAsync(destination);
        using var calls = new Calls(place.Url);

        (await calls.PutAsync("0/a.txt", "text")).Ok();

        Assert.Equal(["0/a.txt"], place.S3.Keys);
        Assert.Equal(["0/"], await ListAsync(calls, null));
    }

    [Fact(Timeout = Deadline)]
    public async Task DefaultRoot_InS3_IsGivenToClientsAndReadByTheServer()
    {
        const string Root = $"s3://{S3Server.Bucket}/direct";
        await using var place = await S3Place.StartAsync(defaultRoot: Root);
        using var calls = new Calls(place.Url);
        var run = await calls.CreateRunAsync();
        Assert.Equal($"{Root}/0/{run}/artifacts", (await calls.GetAsync("runs/get?run_id=" + run)).Text("run.info.artifact_uri"));

        // As a client does it, straight.
        place.S3.Put($"direct/0/{run}/artifacts/model/MLmodel", "text"u8.ToArray());
        place.S3.Put("secret/x", [1]);

        Assert.Equal("""[{"path":"model/MLmodel","is_dir":false,"file_size":4}]""", (await calls.GetAsync($"artifacts/list?run_id={run}&path=model")).Ok().Json.GetProperty("files").GetRawText());
        Assert.Equal("text", (await calls.SendAsync(HttpMethod.Get, $"/get-artifact?run_id={run}&path=model/MLmodel")).Ok().Body);
        foreach (var elsewhere in (string[])[$"s3://{S3Server.Bucket}/secret", $"{Root}/../secret", $"{Root}2", "s3://another-bucket/direct"])
        {
            var other = await calls.CreateRunAsync(await calls.CreateExperimentAsync($"experiment {Guid.NewGuid()}", elsewhere));
            Assert.Equal(400, (await calls.GetAsync("artifacts/list?run_id=" + other)).Status);
        }
    }

    [Fact(Timeout = Deadline)]
    public async Task Stop_UploadUnderWayAndS3Slow_LeavesNoParts()
    {
        await using var place = await S3Place.StartAsync(drain: TimeSpan.FromSeconds(1));
        var (aborting, goOn) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        place.S3.Script = async (call, _) =>
        {
            if (call.Operation != "AbortMultipartUpload") return false;
            aborting.TrySetResult();
            await goOn.Task;
            return false;
        };
        using var socket = await RawHttp.ConnectAsync(place.Url);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"PUT {Calls.Artifacts}/0/half.bin HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {64 << 20}\r\n\r\n"), SocketFlags.None, TestContext.Current.CancellationToken);
        await socket.SendAsync(new byte[30 << 20], SocketFlags.None, TestContext.Current.CancellationToken);
        await Until.TrueAsync("the upload is under way", HokusaiProcess.Deadline, () => place.Unfinished > 0);

        var stopping = place.StopAsync();
        await aborting.Task.InTime();
        // The server beneath gives up on its connections after a second.
        await Assert.ThrowsAsync<TimeoutException>(() => stopping.WaitAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken));
        goOn.TrySetResult();
        await stopping.InTime();

        Assert.Equal(0, place.S3.OpenUploads);
        Assert.Empty(place.Stored());
    }

    private protected override async Task<ArtifactPlace> StartAsync() => await S3Place.StartAsync();

    private static void CutBodies(S3Server s3, byte[] content, int times, Action? then = null)
    {
        var left = times;
        s3.Script = async (call, http) =>
        {
            if (call.Operation != "GetObject" || Interlocked.Decrement(ref left) < 0) return false;
            var from = call.Range is { } range ? int.Parse(range["bytes=".Length..].Split('-')[0], CultureInfo.InvariantCulture) : 0;
            http.Response.StatusCode = from > 0 ? 206 : 200;
            http.Response.Headers.ETag = S3Object.ETagOf([content]);
            http.Response.ContentLength = content.Length - from;
            await http.Response.Body.WriteAsync(content.AsMemory(from, (content.Length - from) / 3), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            then?.Invoke();
            http.Abort();
            return true;
        };
    }
}
