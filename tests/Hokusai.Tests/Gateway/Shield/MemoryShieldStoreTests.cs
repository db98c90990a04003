using System.Globalization;
using Hokusai.Gateway.Shield;

namespace Hokusai.Tests.Gateway.Shield;

public sealed class MemoryShieldStoreTests
{
    [Fact]
    public async Task Put_MoreThanItHolds_ForgetsTheOldest()
    {
        var bench = new ShieldBench(new ShieldOptions { MostEntries = 100 });
        for (var i = 0; i < 150; i++) await OweAsync(bench, i, 10);
        Assert.Equal(100, bench.Store.Count);
        await bench.NowAsync(ShieldVerdict.Send, Of(49));
        await bench.NowAsync(ShieldVerdict.Replay, Of(51));
    }

    [Fact]
    public async Task Put_MoreBytesThanItHolds_ForgetsTheOldest()
    {
        var bench = new ShieldBench(new ShieldOptions { MostBytes = 1 << 20 });
        for (var i = 0; i < 100; i++) await OweAsync(bench, i, 60_000);
        Assert.InRange(bench.Store.Bytes, 900_000, 1 << 20);
        await bench.NowAsync(ShieldVerdict.Replay, Of(99));
    }

    [Fact]
    public async Task Enter_LongAfter_HasForgottenWhatNobodyAskedFor()
    {
        var bench = new ShieldBench();
        for (var i = 0; i < 50; i++) await OweAsync(bench, i, 10);
        for (var i = 50; i < 80; i++) await bench.NowAsync(ShieldVerdict.Send, Of(i));
        bench.Time.Advance(TimeSpan.FromMinutes(11));
        (await bench.NowAsync(ShieldVerdict.Send)).Delivered();
        Assert.Equal((0, 0), (bench.Store.Count, bench.Store.Bytes));
    }

    [Fact]
    public async Task Enter_FullOfFlights_SendsWithoutShield()
    {
        var bench = new ShieldBench(new ShieldOptions { MostEntries = 100 });
        for (var i = 0; i < 120; i++) await bench.NowAsync(ShieldVerdict.Send, Of(i));
        Assert.Equal(100, bench.Store.Count);
    }

    [Fact]
    public void Of_AnyPartDiffers_IsAnotherFingerprint()
    {
        var all = new[]
        {
            Fingerprint.Of("key", "POST", "/a", "", "body"u8), Fingerprint.Of("kez", "POST", "/a", "", "body"u8), Fingerprint.Of("key", "PUT", "/a", "", "body"u8),
            Fingerprint.Of("key", "POST", "/b", "", "body"u8), Fingerprint.Of("key", "POST", "/a", "w", "body"u8), Fingerprint.Of("key", "POST", "/a", "", "bodz"u8),
            Fingerprint.Of("keyP", "OST", "/a", "", "body"u8), Fingerprint.Of("key", "POST", "/", "a", "body"u8), Fingerprint.Of("key", "POST", "/a", "body", ""u8),
        };
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(all[0], Fingerprint.Of("key", "POST", "/a", "", "body"u8));
        Assert.Equal(64, all[0].ToString().Length);
    }

    [Theory]
    [InlineData("application/json", "{}")]
    [InlineData(null, "")]
    [InlineData("text/html", null)]
    public void FromBytes_ToBytes_IsTheSame(string? contentType, string? body)
    {
        var outcome = new ShieldedOutcome("request-1", 201, contentType, body is null ? default(ReadOnlyMemory<byte>?) : ShieldBench.Body(body));
        var read = ShieldedOutcome.FromBytes(outcome.ToBytes());
        Assert.Equal((outcome.RequestId, outcome.Status, outcome.ContentType, outcome.Body is null), (read.RequestId, read.Status, read.ContentType, read.Body is null));
        Assert.Equal(outcome.Body.GetValueOrDefault().ToArray(), read.Body.GetValueOrDefault().ToArray());
    }

    [Fact]
    public void FromBytes_Foreign_IsRefused()
    {
        Assert.Throws<FormatException>(() => ShieldedOutcome.FromBytes([9, 1, 2]));
        Assert.Throws<FormatException>(() => ShieldedOutcome.FromBytes([1, 5, 65]));
        Assert.Throws<FormatException>(() => ShieldedOutcome.FromBytes([]));
    }

    [Fact]
    public void Faults_Defaults_None() => Assert.Empty(new ShieldOptions().Faults());

    [Fact]
    public void Faults_AllWrong_NamesEach()
    {
        var options = new ShieldOptions
        {
            Window = TimeSpan.Zero,
            LongestWait = TimeSpan.FromSeconds(56),
            Settle = TimeSpan.FromSeconds(2),
            LongestFlight = TimeSpan.FromSeconds(56),
            LongestDelivery = TimeSpan.Zero,
            RedisDeadline = TimeSpan.Zero,
            RedisPoll = TimeSpan.Zero,
            LargestRequest = 0,
            LargestAnswer = 0,
            MostEntries = 0,
            MostBytes = 0,
        };
        Assert.Equal(11, options.Faults().Count);
    }

    private static Fingerprint Of(int number) => Fingerprint.Of("key", "POST", "/api/2.0/mlflow/runs/create", "", ShieldBench.Body(number.ToString(CultureInfo.InvariantCulture)));

    private static async Task OweAsync(ShieldBench bench, int number, int size)
    {
        using var ticket = await bench.NowAsync(ShieldVerdict.Send, Of(number));
        ticket.Answered(200, null, new byte[size]);
        ticket.Undelivered();
    }
}
