using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Telemetry;
using Hokusai.Gateway.Telemetry.Journal;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Gateway.Telemetry;

public sealed class ExchangeJournalTests
{
    private readonly FakeTimeProvider _time = new(Entries.Start);

    [Fact]
    public void Find_KnownAndUnknown_AreToldApart()
    {
        var journal = new ExchangeJournal(new TelemetryOptions(), _time);
        var entry = Entries.Good("a");
        journal.Add(entry);
        Assert.Same(entry, journal.Find("a"));
        Assert.Null(journal.Find("b"));
    }

    [Fact]
    public void Add_MoreThanTheRing_ForgetsTheOldestGoodOnesOnly()
    {
        var journal = new ExchangeJournal(new TelemetryOptions { RecentRequests = 100 }, _time);
        journal.Add(Entries.Failed("failed"));
        for (var i = 0; i < 150; i++) journal.Add(Entries.Good($"r{i}", at: Entries.Start + TimeSpan.FromSeconds(i)));
        Assert.NotNull(journal.Find("failed"));
        Assert.Null(journal.Find("r49"));
        Assert.NotNull(journal.Find("r50"));
        Assert.NotNull(journal.Find("r149"));
        Assert.Equal(Entries.Start + TimeSpan.FromSeconds(50.012), journal.Reach.RecentSince);
    }

    [Fact]
    public void Add_Failures_EndAfterTheirHour()
    {
        var journal = new ExchangeJournal(new TelemetryOptions { RecentRequests = 100 }, _time);
        journal.Add(Entries.Failed("old"));
        for (var i = 0; i < 100; i++) journal.Add(Entries.Good($"r{i}"));
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.NotNull(journal.Find("old"));
        Assert.Equal(Entries.Start, journal.Reach.FailedSince);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(journal.Find("old"));
        Assert.Equal(Entries.Start + TimeSpan.FromMinutes(1), journal.Reach.FailedSince);
        Assert.Equal((0, 0L), journal.FailuresKept);
    }

    [Fact]
    public void Add_FloodOfFailures_StaysWithinCountAndBytes()
    {
        var counted = new ExchangeJournal(new TelemetryOptions { RecentRequests = 100, MostFailures = 500 }, _time);
        for (var i = 0; i < 2000; i++) counted.Add(Entries.Failed($"r{i}"));
        Assert.Equal(500, counted.FailuresKept.Count);
        Assert.NotNull(counted.Find("r1500"));
        Assert.Null(counted.Find("r1499"));

        var weighed = new ExchangeJournal(new TelemetryOptions { RecentRequests = 100, MostFailureBytes = 256 * 1024 }, _time);
        for (var i = 0; i < 2000; i++) weighed.Add(Entries.Failed($"r{i}") with { FailureDetail = new string('x', 1000) });
        Assert.InRange(weighed.FailuresKept.Bytes, 200 * 1024, 256 * 1024);
        Assert.NotNull(weighed.Find("r1999"));
    }

    [Fact]
    public void Defaults_AreThoseOfTheDesign()
    {
        var options = new TelemetryOptions();
        Assert.Equal((10_000, 50_000, 64L << 20, TimeSpan.FromHours(1)), (options.RecentRequests, options.MostFailures, options.MostFailureBytes, options.FailureMemory));
        Assert.Empty(options.Faults());
    }

    [Fact]
    public void EstimatedBytes_Entries_AreNearWhatTheyTake()
    {
        const int Count = 5_000;
        var kept = new JournalEntry[Count];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Count; i++) kept[i] = Entries.Failed(Guid.NewGuid().ToString("n"));
        var taken = (GC.GetAllocatedBytesForCurrentThread() - before) / Count;

        // Making one copies it once, so what is kept is less than what was allocated, but not by far.
        Assert.InRange(kept[0].EstimatedBytes, taken / 3, taken * 2);
    }

    [Fact]
    public async Task Add_FromManyThreads_LosesNothing()
    {
        var journal = new ExchangeJournal(new TelemetryOptions { RecentRequests = 8000 }, _time);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++) journal.Add(i % 10 == 0 ? Entries.Failed($"{t}-{i}") : Entries.Good($"{t}-{i}"));
        })));
        Assert.Equal(800, journal.FailuresKept.Count);
        for (var t = 0; t < 8; t++)
        {
            for (var i = 0; i < 1000; i += 37) Assert.NotNull(journal.Find($"{t}-{i}"));
        }
    }

    [Fact]
    public void Entry_WithKeysInItsTexts_HoldsNone()
    {
        var key = ApiKey.Mint().Reveal();
        var entry = Entries.Good("a") with
        {
            Path = $"/api/{key}/x/{key.Replace("_", "%5F", StringComparison.Ordinal)}/{key.Replace("_", "%255F", StringComparison.Ordinal)}",
            FailureDetail = $"no {key}",
        };
        Assert.DoesNotContain(key[12..], entry.Path + entry.FailureDetail, StringComparison.Ordinal);
        Assert.DoesNotContain(key[12..], entry.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_BadValues_AreAllNamed()
    {
        var faults = new TelemetryOptions
        {
            ServiceName = " ",
            OtlpEndpoint = "collector:4317",
            TraceRatio = double.NaN,
            EmfInterval = TimeSpan.Zero,
            EmfNamespace = "a b",
            RecentRequests = 1,
            FailureMemory = TimeSpan.Zero,
            MostFailures = 0,
            MostFailureBytes = 1,
            DebugLifetime = TimeSpan.FromDays(2),
        }.Faults();
        Assert.Equal(10, faults.Count);
        Assert.DoesNotContain("secret", Assert.Single(new TelemetryOptions { OtlpEndpoint = "http://user:secret@host:4317" }.Faults()), StringComparison.Ordinal);
    }
}
