using System.Net;
using Hokusai.Gateway.Shield;
using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Gateway.Limits;

/// <summary>Bytes and runs of a day, on a clock that stands still.</summary>
public sealed class QuotaTests
{
    private readonly HeldTime _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = Deadlines.Test)]
    public async Task Upload_AnnouncedTooLong_IsRefusedBeforeItIsSent()
    {
        await using var hop = await GatewayHop.StartAsync(validate: LimitedKey.With(bytes: 1000), time: _time);
        Assert.Equal(200, (int)(await PutAsync(hop, 600)).StatusCode);
        using var refused = await PutAsync(hop, 401);
        var error = await ErrorAnswer.ReadAsync(refused);
        Assert.Equal((403, "PERMISSION_DENIED", "HKS-QUOTA"), (error.Status, error.ErrorCode, error.Code));
        Assert.Contains("key_1 has bytes_per_day 1000 and used 600 of it; this needs 401 more bytes of artifacts. It begins anew at 2026-03-02T00:00:00Z.", error.Message, StringComparison.Ordinal);
        Assert.Null(refused.Headers.RetryAfter);
        Assert.Equal(200, (int)(await PutAsync(hop, 400)).StatusCode);
        Assert.Equal(403, (int)(await PutAsync(hop, 1)).StatusCode);
        Assert.Equal(2, hop.Upstream.Requests.Count);

        _time.Advance(TimeSpan.FromHours(12) - new TimeSpan(1));
        Assert.Equal(429, (int)(await PutAsync(hop, 1)).StatusCode);
        _time.Advance(new TimeSpan(1));
        Assert.Equal(200, (int)(await PutAsync(hop, 1)).StatusCode);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Upload_WithoutLength_IsCutWhenItRunsOver()
    {
        var (begun, kept, broken) = (0, 0, 0);
        await using var hop = await GatewayHop.StartAsync(
            async http =>
            {
                if (!HttpMethods.IsPut(http.Request.Method)) return;
                Interlocked.Increment(ref begun);
                try
                {
                    await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
                    Interlocked.Increment(ref kept);
                }
                catch (Exception e) when (e is IOException or OperationCanceledException or BadHttpRequestException)
                {
                    Interlocked.Increment(ref broken);
                    throw;
                }
                await ScriptedServer.WriteAsync(http, 200, "{}");
            },
            LimitedKey.With(bytes: 3_000_000), time: _time);
        using (var whole = await hop.Client().PutAsync(LimitedKey.Artifact, new ChunkedContent(1_200_000), Cancellation)) Assert.Equal(200, (int)whole.StatusCode);
        using (var refused = await hop.Client().PutAsync(LimitedKey.Artifact, new ChunkedContent(1_900_000), Cancellation)) Assert.Equal("HKS-QUOTA", (await ErrorAnswer.ReadAsync(refused)).Code);
        // A busy upstream may not even have looked at it when it was cut.
        await Until.TrueAsync("the upstream is done with it", TimeSpan.FromSeconds(20), () => Volatile.Read(ref begun) == Volatile.Read(ref kept) + Volatile.Read(ref broken));
        Assert.Equal(1, kept);
        // What nobody kept flowed all the same.
        Assert.Equal(403, (int)(await PutAsync(hop, 1_000_000)).StatusCode);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Download_LongerThanWhatIsLeft_IsRefusedBeforeItBegins()
    {
        await using var hop = await GatewayHop.StartAsync(http => ScriptedServer.WriteAsync(http, 200, new string('x', 600), "application/octet-stream"), LimitedKey.With(bytes: 1000), time: _time);
        Assert.Equal(600, (await hop.Client().GetByteArrayAsync(LimitedKey.Artifact, Cancellation)).Length);
        using var refused = await hop.Client().GetAsync(LimitedKey.Artifact, Cancellation);
        var error = await ErrorAnswer.ReadAsync(refused);
        Assert.Equal("HKS-QUOTA", error.Code);
        Assert.Contains("used 600 of it; this needs 600 more", error.Message, StringComparison.Ordinal);
        Assert.Equal(200, (int)(await PutAsync(hop, 400)).StatusCode);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Download_WithoutLength_IsCutAtTheLastByte()
    {
        await using var hop = await GatewayHop.StartAsync(
            async http =>
            {
                for (var i = 0; i < 30; i++) await http.Response.Body.WriteAsync(new byte[100_000], http.RequestAborted);
            },
            LimitedKey.With(bytes: 2_500_000), time: _time);
        using var answer = await hop.Client().GetAsync(LimitedKey.Artifact, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using var body = await answer.Content.ReadAsStreamAsync(Cancellation);
        var (read, buffer) = (0, new byte[65536]);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (await body.ReadAsync(buffer, Cancellation) is > 0 and var count) read += count;
        });
        // A reset takes away what was not read yet, and who is slow may have read nothing.
        Assert.InRange(read, 0, 2_500_000);
        Assert.Equal(403, await hop.Client().StatusAsync(LimitedKey.Artifact));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Transfers_ThatNeverHappened_AreGivenBack()
    {
        using var taken = RawServer.Refusing(out var nobody);
        await using var hop = await GatewayHop.StartAsync(validate: LimitedKey.With(bytes: 1000), configure: o => o with { Upstream = nobody }, time: _time);
        for (var i = 0; i < 3; i++) Assert.True((int)(await PutAsync(hop, 900)).StatusCode is 502 or 503);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Metadata_OfAKeyWithoutBytesLeft_IsServed()
    {
        await using var hop = await GatewayHop.StartAsync(validate: LimitedKey.With(bytes: 0), time: _time);
        Assert.Equal(200, await hop.Client().StatusAsync(LimitedKey.Search));
        Assert.Equal(403, await hop.Client().StatusAsync(LimitedKey.Artifact));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Runs_UsedUp_AreRefusedBeforeTheyAreSent()
    {
        var fails = true;
        await using var hop = await GatewayHop.StartAsync(http => ScriptedServer.WriteAsync(http, fails ? 400 : 200, "{}"), LimitedKey.With(runs: 2), time: _time);
        // On one connection: the gateway gives a run back when the answer is out, and turns to the next request after that.
        var client = hop.Client();
        // What MLflow refused made no run.
        for (var i = 0; i < 3; i++) Assert.Equal(400, await CreateAsync(client, i));
        fails = false;
        Assert.Equal((200, 200, 403), (await CreateAsync(client, 10), await CreateAsync(client, 11), await CreateAsync(client, 12)));
        Assert.Equal(5, hop.Upstream.Requests.Count);
        Assert.Equal(200, await hop.Client().StatusAsync(LimitedKey.Search));
        _time.Advance(TimeSpan.FromHours(12));
        Assert.Equal(200, await CreateAsync(client, 13));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Runs_AtTheSameTime_AreNoMoreThanTheQuota()
    {
        await using var hop = await GatewayHop.StartAsync(validate: LimitedKey.With(runs: 10), time: _time);
        var client = hop.Client();
        var statuses = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            using var answer = await client.PostAsync(LimitedKey.CreateRun, new StringContent($$"""{"experiment_id":"{{i}}"}"""), Cancellation);
            return (int)answer.StatusCode;
        }));
        Assert.Equal((10, 30), (statuses.Count(s => s == 200), statuses.Count(s => s == 403)));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Runs_WhoseAnswerWasLostAndReplayed_CountOnce()
    {
        var (entered, release) = (new SemaphoreSlim(0), new SemaphoreSlim(0));
        await using var hop = await GatewayHop.StartAsync(
            async http =>
            {
                entered.Release();
                await release.WaitAsync();
                await ScriptedServer.WriteAsync(http, 200, "{}");
            },
            LimitedKey.With(runs: 2),
            // As long as may be: the re-send must not be faster than the news of the reset.
            configure: o => o with { Shield = new ShieldOptions { Settle = TimeSpan.FromSeconds(1) } });
        using (var socket = await RawClient.ConnectAsync(hop.Url))
        {
            await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes($"POST {LimitedKey.CreateRun} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {hop.Key}\r\nContent-Length: 2\r\n\r\n{{}}")).InTime();
            await entered.WaitAsync(Cancellation);
            RawServer.Reset(socket);
        }
        release.Release(10);
        // On one connection: the run that the re-send had taken is given back before the next request.
        var client = hop.Client();
        using (var replayed = await client.PostAsync(LimitedKey.CreateRun, new StringContent("{}"), Cancellation)) Assert.True(replayed.Headers.Contains("X-Hokusai-Replayed"), replayed.ToString());
        Assert.Equal((200, 403), (await CreateAsync(client, 1), await CreateAsync(client, 2)));
    }

    private static async Task<int> CreateAsync(HttpClient client, int experiment)
    {
        using var answer = await client.PostAsync(LimitedKey.CreateRun, new StringContent($$"""{"experiment_id":"{{experiment}}"}"""), Cancellation);
        return (int)answer.StatusCode;
    }

    private static Task<HttpResponseMessage> PutAsync(GatewayHop hop, int bytes) => hop.Client().PutAsync(LimitedKey.Artifact, new ByteArrayContent(new byte[bytes]), Cancellation);

    private sealed class ChunkedContent(int bytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var left = bytes; left > 0; left -= 50_000) await stream.WriteAsync(new byte[Math.Min(left, 50_000)]);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
