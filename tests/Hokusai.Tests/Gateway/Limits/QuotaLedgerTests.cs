using System.Globalization;
using Hokusai.Gateway.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Gateway.Limits;

public sealed class QuotaLedgerTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 22, 0, 0, TimeSpan.Zero));
    private readonly QuotaLedger _ledger;

    public QuotaLedgerTests() => _ledger = new QuotaLedger(redis: null, 1000, _time);

    [Fact]
    public async Task Take_UpToTheQuota_GivesWhatThereIs()
    {
        Assert.Equal((60, 60), await _ledger.TakeAsync("key", LimitKind.Bytes, 100, 60, 60));
        Assert.Equal((0, 60), await _ledger.TakeAsync("key", LimitKind.Bytes, 100, 60, 60));
        Assert.Equal((40, 100), await _ledger.TakeAsync("key", LimitKind.Bytes, 100, 60, 1));
        Assert.Equal((0, 100), await _ledger.TakeAsync("key", LimitKind.Bytes, 100, 1, 1));
    }

    [Fact]
    public async Task Take_OfAnotherKeyOrKind_IsAnotherAmount()
    {
        await _ledger.TakeAsync("key", LimitKind.Bytes, 100, 100, 100);
        Assert.Equal((1, 1), await _ledger.TakeAsync("key", LimitKind.Runs, 100, 1, 1));
        Assert.Equal((1, 1), await _ledger.TakeAsync("other", LimitKind.Bytes, 100, 1, 1));
    }

    [Fact]
    public async Task Take_AtMidnightOfUtc_BeginsAnewAndNotATickEarlier()
    {
        await _ledger.TakeAsync("key", LimitKind.Runs, 1, 1, 1);
        Assert.Equal(TimeSpan.FromHours(2), _ledger.UntilMidnight);
        _time.Advance(_ledger.UntilMidnight - new TimeSpan(1));
        Assert.Equal((0, 1), await _ledger.TakeAsync("key", LimitKind.Runs, 1, 1, 1));
        _time.Advance(new TimeSpan(1));
        Assert.Equal((1, 1), await _ledger.TakeAsync("key", LimitKind.Runs, 1, 1, 1));
    }

    [Fact]
    public async Task Return_OfToday_IsThereAgainAndOfYesterdayIsNot()
    {
        var day = _ledger.Today;
        await _ledger.TakeAsync("key", LimitKind.Bytes, 100, 100, 100);
        await _ledger.ReturnAsync("key", LimitKind.Bytes, day, 30);
        Assert.Equal((30, 100), await _ledger.TakeAsync("key", LimitKind.Bytes, 100, 100, 1));
        _time.Advance(TimeSpan.FromHours(3));
        await _ledger.TakeAsync("key", LimitKind.Bytes, 100, 100, 1);
        await _ledger.ReturnAsync("key", LimitKind.Bytes, day, 50);
        Assert.Equal((0, 100), await _ledger.TakeAsync("key", LimitKind.Bytes, 100, 1, 1));
    }

    [Fact]
    public async Task Accounts_OfEarlierDays_GoWhenThereAreTooMany()
    {
        for (var i = 0; i < 1000; i++) await _ledger.TakeAsync(string.Create(CultureInfo.InvariantCulture, $"{i}"), LimitKind.Runs, 1, 1, 1);
        _time.Advance(TimeSpan.FromDays(1));
        await _ledger.TakeAsync("new", LimitKind.Runs, 1, 1, 1);
        Assert.Equal(1, _ledger.Count);
    }

    [Fact]
    public async Task Take_ByManyThreads_GivesTheQuotaExactly()
    {
        var given = 0L;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(async () =>
        {
            for (var i = 0; i < 2000; i++)
            {
                var day = _ledger.Today;
                var (got, _) = await _ledger.TakeAsync("key", LimitKind.Bytes, 5_000, 7, 1);
                // Some of it comes back.
                if (i % 3 == thread % 3 && got > 2) await _ledger.ReturnAsync("key", LimitKind.Bytes, day, 2);
                Interlocked.Add(ref given, i % 3 == thread % 3 && got > 2 ? got - 2 : got);
            }
        })));
        Assert.Equal(5_000, given);
    }
}
