using DnsClient;
using Hokusai.Gateway.Discovery;
using static Hokusai.Tests.Gateway.Discovery.DnsScript;

namespace Hokusai.Tests.Gateway.Discovery;

public sealed class AddressLookupTests
{
    private const string Name = "mlflow.hokusai.local";
    private readonly ArmedClock _clock = new();
    private readonly DnsScript _dns = new();

    [Fact]
    public async Task LookAsync_BothFamilies_GivesAllInAStableOrderWithTheLeastTtl()
    {
        _dns.Answer(Name, QueryType.A, A(Name, "10.0.0.9", 30), A(Name, "10.0.0.10", 30), A(Name, "10.0.0.9", 30)).Answer(Name, QueryType.AAAA, Aaaa(Name, "fd00::1", 20));
        var found = await LookAsync();
        Assert.Equal("10.0.0.9:5000 10.0.0.10:5000 [fd00::1]:5000", Text(found));
        Assert.Equal((TimeSpan.FromSeconds(20), false, null), (found.Ttl, found.Partial, found.Error));
        _dns.Answer(Name, QueryType.A, A(Name, "10.0.0.10"), A(Name, "10.0.0.9"));
        Assert.Equal(found.Addresses, (await LookAsync()).Addresses);
    }

    [Fact]
    public async Task LookAsync_FourOnly_HasTheTtlOfItsRecordsAndIsWhole()
    {
        _dns.Answer(Name, QueryType.A, A(Name, "10.0.0.1", 30)).Add(Name, QueryType.AAAA, new DnsAnswer(LookupOutcome.Found, [], [], TimeSpan.FromSeconds(2), null));
        var found = await LookAsync();
        Assert.Equal(("10.0.0.1:5000", TimeSpan.FromSeconds(30), false), (Text(found), found.Ttl, found.Partial));
    }

    [Theory]
    [InlineData(QueryType.A, QueryType.AAAA)]
    [InlineData(QueryType.AAAA, QueryType.A)]
    public async Task LookAsync_OneFamilySilent_IsWaitedForFiftyMillisecondsOnly(QueryType good, QueryType silent)
    {
        _dns.Answer(Name, good, A(Name, "10.0.0.1"), Aaaa(Name, "fd00::1")).Add(Name, silent, SilenceAsync);
        var looking = LookAsync();
        await _clock.ArmedAsync(TimeSpan.FromMilliseconds(50));
        Assert.False(looking.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(50));
        var found = await looking.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(good == QueryType.A ? "10.0.0.1:5000" : "[fd00::1]:5000", Text(found));
        Assert.True(found.Partial);
        Assert.Contains($"{silent} {Name}: no answer yet", found.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LookAsync_OneFamilyFails_IsPartial()
    {
        _dns.Answer(Name, QueryType.A, A(Name, "10.0.0.1")).Add(Name, QueryType.AAAA, DnsAnswer.Failure("SERVFAIL"));
        var found = await LookAsync();
        Assert.Equal((LookupOutcome.Found, true, "SERVFAIL"), (found.Outcome, found.Partial, found.Error));
    }

    [Fact]
    public async Task LookAsync_AliasesInOneAnswer_AreFollowedWithTheLeastTtl()
    {
        _dns.Answer(Name, QueryType.A, A("stray.other", "10.9.9.9"), Alias(Name, "B.test", 40), Alias("b.test", "c.test", 7), A("C.TEST", "10.0.0.3", 60));
        var found = await LookAsync();
        Assert.Equal(("10.0.0.3:5000", TimeSpan.FromSeconds(7)), (Text(found), found.Ttl));
    }

    [Fact]
    public async Task LookAsync_AliasWithoutItsTarget_IsAskedFurther()
    {
        _dns.Answer(Name, QueryType.A, Alias(Name, "b.test", 8)).Answer("b.test", QueryType.A, A("b.test", "10.0.0.3", 60));
        var found = await LookAsync();
        Assert.Equal(("10.0.0.3:5000", TimeSpan.FromSeconds(8)), (Text(found), found.Ttl));
        Assert.Contains("A b.test", _dns.Asked);
    }

    [Fact]
    public async Task LookAsync_AliasWithASoa_HasNoAddressAndIsNotAskedFurther()
    {
        foreach (var type in (QueryType[])[QueryType.A, QueryType.AAAA]) _dns.Add(Name, type, new DnsAnswer(LookupOutcome.Found, [Alias(Name, "b.test")], [], TimeSpan.FromSeconds(3), null));
        var found = await LookAsync();
        Assert.Equal((LookupOutcome.Empty, TimeSpan.FromSeconds(3)), (found.Outcome, found.Ttl));
        Assert.Equal(2, _dns.Asked.Count);
    }

    [Fact]
    public async Task LookAsync_AliasesInACircle_EndsAndFails()
    {
        foreach (var type in (QueryType[])[QueryType.A, QueryType.AAAA]) _dns.Answer(Name, type, Alias(Name, "b.test")).Answer("b.test", type, Alias("b.test", Name));
        var found = await LookAsync();
        Assert.Equal(LookupOutcome.Failed, found.Outcome);
        Assert.Contains("circle", found.Error, StringComparison.Ordinal);
        _dns.Answer(Name, QueryType.A, Alias(Name, "b.test"), Alias("b.test", Name));
        Assert.NotEqual(LookupOutcome.Found, (await LookAsync()).Outcome);
    }

    [Theory]
    [InlineData(LookupOutcome.NameUnknown, LookupOutcome.NameUnknown, LookupOutcome.NameUnknown)]
    [InlineData(LookupOutcome.NameUnknown, LookupOutcome.Failed, LookupOutcome.NameUnknown)]
    [InlineData(LookupOutcome.NameUnknown, LookupOutcome.Empty, LookupOutcome.Empty)]
    [InlineData(LookupOutcome.Empty, LookupOutcome.Empty, LookupOutcome.Empty)]
    [InlineData(LookupOutcome.Empty, LookupOutcome.Failed, LookupOutcome.Failed)]
    [InlineData(LookupOutcome.Failed, LookupOutcome.Failed, LookupOutcome.Failed)]
    internal void Join_NoAddresses_SaysWhy(LookupOutcome one, LookupOutcome other, LookupOutcome both)
    {
        Assert.Equal(both, AddressLookup.Join(Resolution.None(one, null, "x"), Resolution.None(other, null, "y")).Outcome);
        Assert.Equal(both, AddressLookup.Join(Resolution.None(other, null, "y"), Resolution.None(one, null, "x")).Outcome);
    }

    [Fact]
    public async Task LookAsync_UnknownName_HasTheZonesNegativeTtl()
    {
        _dns.Add(Name, QueryType.A, NoName(300)).Add(Name, QueryType.AAAA, NoName(300));
        var found = await LookAsync();
        Assert.Equal((LookupOutcome.NameUnknown, TimeSpan.FromSeconds(300), "no such name"), (found.Outcome, found.Ttl, found.Error));
    }

    private Task<Resolution> LookAsync() => new AddressLookup(_dns.AskAsync, _clock).LookAsync(Name, 5000, TestContext.Current.CancellationToken);

    private static string Text(Resolution found) => string.Join(' ', found.Addresses);
}
