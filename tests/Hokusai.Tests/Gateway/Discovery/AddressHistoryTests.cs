using System.Net;
using System.Net.Sockets;
using Hokusai.Gateway.Discovery;

namespace Hokusai.Tests.Gateway.Discovery;

public sealed class AddressHistoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly AddressSnapshot Nothing = new([], Start, TimeSpan.Zero, ResolutionState.Pending, null);
    private readonly AddressHistory _history = new(new DiscoveryOptions());

    [Theory]
    [InlineData(10, 10)]
    [InlineData(0, 1)]
    [InlineData(300, 60)]
    [InlineData(null, 1)]
    public void Next_GoodAnswer_LastsForItsTtlWithinTheLimits(int? ttl, int used)
    {
        var (snapshot, wait) = _history.Next(Nothing, Found(ttl, "10.0.0.1"), Start);
        Assert.Equal(TimeSpan.FromSeconds(used), snapshot.Ttl);
        Assert.Equal(TimeSpan.FromSeconds(used) * 0.9, wait);
        Assert.Equal((ResolutionState.Good, Start, 1), (snapshot.State, snapshot.ResolvedAt, snapshot.Preferred));
    }

    [Fact]
    public void Next_SameAddresses_KeepsTheVeryList()
    {
        var (first, _) = _history.Next(Nothing, Found(10, "10.0.0.1", "10.0.0.2"), Start);
        var (second, _) = _history.Next(first, Found(10, "10.0.0.1", "10.0.0.2"), Start.AddSeconds(9));
        Assert.Same(first.Addresses, second.Addresses);
        Assert.Equal(TimeSpan.FromSeconds(1), second.AgeAt(Start.AddSeconds(10)));
        Assert.NotSame(first.Addresses, _history.Next(second, Found(10, "10.0.0.1"), Start.AddSeconds(18)).Snapshot.Addresses);
    }

    [Theory]
    [InlineData(LookupOutcome.Empty)]
    [InlineData(LookupOutcome.NameUnknown)]
    [InlineData(LookupOutcome.Failed)]
    internal void Next_FailureAfterGood_KeepsTheAddressesUntilTheirLifetimeEnds(LookupOutcome outcome)
    {
        var (good, _) = _history.Next(Nothing, Found(10, "10.0.0.1"), Start);
        // Counted from the first failure, not from the last answer: the gateway may have been idle for a day in between.
        var failing = Start.AddDays(1);
        var (kept, _) = _history.Next(good, None(outcome), failing);
        Assert.Equal((ResolutionState.Stale, Start, "gone"), (kept.State, kept.ResolvedAt, kept.LastError));
        Assert.Same(good.Addresses, kept.Addresses);
        (kept, _) = _history.Next(kept, None(outcome), failing.AddMinutes(59));
        Assert.Equal(ResolutionState.Stale, kept.State);

        var (given, _) = _history.Next(kept, None(outcome), failing.AddHours(1));
        Assert.Empty(given.Addresses);
        Assert.Equal(outcome.ToString(), given.State.ToString());

        var (back, _) = _history.Next(given, Found(10, "10.0.0.9"), failing.AddHours(2));
        Assert.Equal((ResolutionState.Good, null), (back.State, back.LastError));
        Assert.Equal(ResolutionState.Stale, _history.Next(back, None(outcome), failing.AddHours(5)).Snapshot.State);
    }

    [Theory]
    [InlineData(300, 5)]
    [InlineData(2, 2)]
    [InlineData(0, 1)]
    [InlineData(null, 5)]
    public void Next_NegativeAnswer_IsAskedAgainWithinTheCap(int? soa, int wait)
    {
        var found = None(LookupOutcome.NameUnknown) with { Ttl = soa is { } seconds ? TimeSpan.FromSeconds(seconds) : null };
        Assert.Equal(TimeSpan.FromSeconds(wait), _history.Next(Nothing, found, Start).Wait);
    }

    [Fact]
    public void Next_NegativeCapBelowTheLeastTtl_CapHolds()
    {
        var history = new AddressHistory(new DiscoveryOptions { LeastTtl = TimeSpan.FromSeconds(10), NegativeTtl = TimeSpan.FromSeconds(2) });
        Assert.Equal(TimeSpan.FromSeconds(2), history.Next(Nothing, None(LookupOutcome.Empty), Start).Wait);
        Assert.Equal(TimeSpan.FromSeconds(2), history.Next(Nothing, None(LookupOutcome.Failed), Start).Wait);
    }

    [Fact]
    public void Next_FailuresInARow_AreAskedAgainLessAndLessOften()
    {
        double Wait() => _history.Next(Nothing, None(LookupOutcome.Failed), Start).Wait.TotalSeconds;
        Assert.Equal([1, 2, 4, 5, 5], (double[])[Wait(), Wait(), Wait(), Wait(), Wait()]);
        _history.Next(Nothing, Found(10, "10.0.0.1"), Start);
        Assert.Equal(1, Wait());
    }

    [Fact]
    public void Next_OneFamilyUnanswered_KeepsItsLastAddressesForAWhile()
    {
        var (both, _) = _history.Next(Nothing, Found(30, "10.0.0.1", "fd00::1"), Start);
        var half = Found(30, "10.0.0.2") with { Partial = true, Unanswered = AddressFamily.InterNetworkV6, Error = "AAAA: no answer" };

        var (snapshot, _) = _history.Next(both, half, Start.AddSeconds(27));
        Assert.Equal(["10.0.0.2:5000", "[fd00::1]:5000"], snapshot.Addresses.Select(address => address.ToString()));
        Assert.Equal((2, TimeSpan.FromSeconds(5), "AAAA: no answer"), (snapshot.Preferred, snapshot.Ttl, snapshot.LastError));

        Assert.Equal(["10.0.0.2:5000"], _history.Next(snapshot, half, Start.AddHours(1)).Snapshot.Addresses.Select(address => address.ToString()));
    }

    private static Resolution Found(int? ttl, params string[] addresses) =>
        new(LookupOutcome.Found, [.. addresses.Select(address => new IPEndPoint(IPAddress.Parse(address), 5000))], ttl is { } seconds ? TimeSpan.FromSeconds(seconds) : null, null);

    private static Resolution None(LookupOutcome outcome) => Resolution.None(outcome, null, "gone");
}
