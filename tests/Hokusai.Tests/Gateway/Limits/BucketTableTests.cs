using System.Globalization;
using Hokusai.Gateway.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Gateway.Limits;

public sealed class BucketTableTests
{
    private const int Seeds = 300;

    private readonly FakeTimeProvider _time = new();

    public static TheoryData<int, double, int> Plans { get; } = new() { { 3600, 0.1, 40 }, { 7, 1, 1 }, { 1, 0.001, 10 }, { 100_000, 0.05, 1 }, { 36_000_000, 0.001, 1 } };

    [Theory]
    [MemberData(nameof(Plans))]
    public void Take_AnySchedule_ServesNoWindowMoreThanBurstAndRate(int perHour, double share, int least)
    {
        var plan = RatePlan.OfKey(perHour, new LimitOptions { BurstShare = share, LeastBurst = least })!.Value;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var table = new BucketTable(1000, _time);
            var served = new List<long>();
            for (var i = 0; i < 200; i++)
            {
                // Mostly in quick succession, now and then after a while.
                _time.Advance(new TimeSpan(random.Next(4) switch { 0 => 0, 1 => random.NextInt64(plan.Interval / 4 + 1), 2 => random.NextInt64(2 * plan.Interval), _ => random.NextInt64(plan.Span / 8 + 1) }));
                if (table.Draw(Draw.Take, "key", plan).Allowed) served.Add(table.Now);
            }
            AssertWindows(served, plan, perHour, seed);
        }
    }

    [Theory]
    [MemberData(nameof(Plans))]
    public void Take_ByWhoRespectsTheAnswers_IsNeverRefused(int perHour, double share, int least)
    {
        var plan = RatePlan.OfKey(perHour, new LimitOptions { BurstShare = share, LeastBurst = least })!.Value;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var table = new BucketTable(1000, _time);
            var (remaining, wait) = (1, TimeSpan.Zero);
            for (var i = 0; i < 100; i++)
            {
                _time.Advance(new TimeSpan(random.NextInt64(plan.Interval)));
                if (remaining == 0) _time.Advance(TimeSpan.FromSeconds(RetryWait.Seconds(wait, chance: 0)));
                var allowance = table.Draw(Draw.Take, "key", plan);
                Assert.True(allowance.Allowed, string.Create(CultureInfo.InvariantCulture, $"seed {seed}, request {i}"));
                (remaining, wait) = (allowance.Remaining, allowance.UntilNext);
            }
        }
    }

    [Fact]
    public void Take_Empty_IsServedAfterTheWaitAndNotATickEarlier()
    {
        var (table, plan) = (new BucketTable(1000, _time), new RatePlan(TimeSpan.TicksPerSecond, 3));
        for (var i = 2; i >= 0; i--) Assert.Equal((true, i), (table.Draw(Draw.Take, "key", plan) is var taken && taken.Allowed, taken.Remaining));
        _time.Advance(TimeSpan.FromMilliseconds(300));
        var refused = table.Draw(Draw.Take, "key", plan);
        Assert.Equal((false, 0, TimeSpan.FromMilliseconds(700), TimeSpan.FromMilliseconds(2700)), (refused.Allowed, refused.Remaining, refused.UntilNext, refused.UntilFull));
        _time.Advance(refused.UntilNext - new TimeSpan(1));
        Assert.False(table.Draw(Draw.Take, "key", plan).Allowed);
        _time.Advance(new TimeSpan(1));
        Assert.True(table.Draw(Draw.Take, "key", plan).Allowed);
    }

    [Fact]
    public void Take_AfterTheTimeUntilFull_ServesTheBurstAndNotATickEarlier()
    {
        var (table, plan) = (new BucketTable(1000, _time), new RatePlan(TimeSpan.TicksPerSecond, 3));
        var last = table.Draw(Draw.Take, "key", plan);
        last = table.Draw(Draw.Take, "key", plan);
        _time.Advance(last.UntilFull - new TimeSpan(1));
        Assert.Equal(2, table.Draw(Draw.Look, "key", plan).Remaining);
        _time.Advance(new TimeSpan(1));
        Assert.Equal(3, table.Draw(Draw.Look, "key", plan).Remaining);
    }

    [Fact]
    public void Charge_OfAnEmptyBucket_IsOwedUpToTwoBuckets()
    {
        var (table, plan) = (new BucketTable(1000, _time), new RatePlan(TimeSpan.TicksPerSecond, 3));
        for (var i = 0; i < 5; i++) table.Draw(Draw.Charge, "address", plan);
        Assert.Equal(TimeSpan.FromSeconds(3), table.Draw(Draw.Look, "address", plan).UntilNext);
        for (var i = 0; i < 50; i++) table.Draw(Draw.Charge, "address", plan);
        Assert.Equal(TimeSpan.FromSeconds(4), table.Draw(Draw.Look, "address", plan).UntilNext);
    }

    [Fact]
    public async Task Take_ByManyThreads_ServesTheBurstExactly()
    {
        const int Threads = 8, Tries = 20_000;
        var (table, plan) = (new BucketTable(1000, _time), new RatePlan(TimeSpan.TicksPerSecond, 1234));
        var served = 0;
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < Tries; i++)
                    if (table.Draw(Draw.Take, "key", plan).Allowed) Interlocked.Increment(ref served);
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.Equal(1234, served);
    }

    // On the real clock, with others being swept away meanwhile.
    [Fact]
    public async Task Take_ByManyThreadsOverTime_NeverServesMoreThanBurstAndRate()
    {
        var (table, plan) = (new BucketTable(50, TimeProvider.System), new RatePlan(TimeSpan.TicksPerMillisecond, 20));
        const int Enough = 300;
        var (served, stop) = (0, TimeSpan.FromSeconds(20).Ticks);
        var began = table.Now;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Factory.StartNew(
            () =>
            {
                // Until they got what is far beyond the burst: how long that takes is up to a machine that may stand still meanwhile.
                for (var i = 0; Volatile.Read(ref served) < Enough && table.Now - began < stop; i++)
                {
                    if (table.Draw(Draw.Take, "key", plan).Allowed) Interlocked.Increment(ref served);
                    if (i % 10 == 0) table.Draw(Draw.Look, string.Create(CultureInfo.InvariantCulture, $"{thread} {i}"), plan);
                }
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.InRange(served, Enough, 20 + ((table.Now - began) / TimeSpan.TicksPerMillisecond));
    }

    [Fact]
    public void Buckets_Full_LeaveTheTable()
    {
        var (table, plan) = (new BucketTable(1000, _time), new RatePlan(TimeSpan.TicksPerSecond, 10));
        for (var i = 0; i < 500; i++) table.Draw(Draw.Take, string.Create(CultureInfo.InvariantCulture, $"{i}"), plan);
        Assert.Equal(500, table.Count);
        _time.Advance(TimeSpan.FromMinutes(2));
        table.Draw(Draw.Take, "another", plan);
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void Buckets_TooMany_GoFromThoseThatWouldBeFullFirst()
    {
        var (table, plan) = (new BucketTable(1000, _time), new RatePlan(TimeSpan.TicksPerSecond, 10));
        for (var i = 0; i < 10; i++) table.Draw(Draw.Take, "empty", plan);
        for (var i = 0; i < 5000; i++) table.Draw(Draw.Take, string.Create(CultureInfo.InvariantCulture, $"{i}"), plan);
        Assert.InRange(table.Count, 800, 1000);
        Assert.False(table.Draw(Draw.Take, "empty", plan).Allowed);
    }

    [Fact]
    public void Plan_Changed_BeginsAnew()
    {
        var table = new BucketTable(1000, _time);
        for (var i = 0; i < 3; i++) table.Draw(Draw.Take, "key", new RatePlan(TimeSpan.TicksPerSecond, 3));
        Assert.Equal(4, table.Draw(Draw.Take, "key", new RatePlan(TimeSpan.TicksPerSecond, 5)).Remaining);
    }

    private static void AssertWindows(List<long> served, RatePlan plan, int perHour, int seed)
    {
        for (var first = 0; first < served.Count; first++)
        {
            for (var last = first; last < served.Count; last++)
            {
                var most = plan.Burst + ((double)(served[last] - served[first]) * perHour / TimeSpan.TicksPerHour);
                if (last - first + 1 > most + 1e-6) Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {last - first + 1} served within {new TimeSpan(served[last] - served[first])}, at most {most}"));
            }
        }
    }
}
