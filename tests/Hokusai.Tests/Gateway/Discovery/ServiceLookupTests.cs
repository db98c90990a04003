using DnsClient;
using Hokusai.Gateway.Discovery;
using static Hokusai.Tests.Gateway.Discovery.DnsScript;

namespace Hokusai.Tests.Gateway.Discovery;

public sealed class ServiceLookupTests
{
    private const string Name = "_mlflow._tcp.hokusai.local";
    private readonly DnsScript _dns = new();

    [Fact]
    public async Task LookAsync_SeveralTargets_ComeByPriorityThenWeightWithTheirPorts()
    {
        _dns.Answer(Name, QueryType.SRV, Srv(Name, 20, 9, 5003, "spare.test"), Srv(Name, 10, 1, 5001, "light.test"), Srv(Name, 10, 5, 5002, "heavy.test"))
            .Answer("light.test", QueryType.A, A("light.test", "10.0.0.1"))
            .Answer("heavy.test", QueryType.A, A("heavy.test", "10.0.0.2", 3))
            .Answer("spare.test", QueryType.A, A("spare.test", "10.0.0.3"));
        var found = await LookAsync();
        Assert.Equal("10.0.0.2:5002 10.0.0.1:5001 10.0.0.3:5003", Text(found));
        Assert.Equal((2, TimeSpan.FromSeconds(3), false), (found.Preferred, found.Ttl, found.Partial));
    }

    [Fact]
    public async Task LookAsync_AddressesSentAlong_AreNotAskedFor()
    {
        _dns.Add(Name, QueryType.SRV, new DnsAnswer(LookupOutcome.Found, [Srv(Name, 1, 1, 5001, "task.test")], [A("TASK.test", "10.0.0.1", 4), A("other.test", "10.0.0.9")], null, null));
        var found = await LookAsync();
        Assert.Equal(("10.0.0.1:5001", TimeSpan.FromSeconds(4)), (Text(found), found.Ttl));
        Assert.Equal([$"SRV {Name}"], _dns.Asked);
    }

    [Fact]
    public async Task LookAsync_OneTargetFails_GivesTheOthersAndIsPartial()
    {
        _dns.Answer(Name, QueryType.SRV, Srv(Name, 1, 1, 5001, "a.test"), Srv(Name, 1, 1, 5001, "b.test"), Srv(Name, 1, 1, 5001, "gone.test"))
            .Answer("a.test", QueryType.A, A("a.test", "10.0.0.1"))
            .Add("b.test", QueryType.A, DnsAnswer.Failure("SERVFAIL")).Add("b.test", QueryType.AAAA, DnsAnswer.Failure("SERVFAIL"))
            .Add("gone.test", QueryType.A, NoName(1)).Add("gone.test", QueryType.AAAA, NoName(1));
        var found = await LookAsync();
        Assert.Equal(("10.0.0.1:5001", true, "SERVFAIL", TimeSpan.FromSeconds(10)), (Text(found), found.Partial, found.Error, found.Ttl));
    }

    [Fact]
    public async Task LookAsync_BestPriorityHasNoAddress_NextOneIsPreferred()
    {
        _dns.Answer(Name, QueryType.SRV, Srv(Name, 1, 1, 5001, "gone.test"), Srv(Name, 2, 1, 5002, "b.test")).Unknown("gone.test").Answer("b.test", QueryType.A, A("b.test", "10.0.0.2"));
        var found = await LookAsync();
        Assert.Equal(("10.0.0.2:5002", 1), (Text(found), found.Preferred));
    }

    [Fact]
    public async Task LookAsync_NothingUsable_SaysWhy()
    {
        Assert.Equal(LookupOutcome.Empty, (await LookAsync()).Outcome);
        _dns.Answer(Name, QueryType.SRV, Srv(Name, 0, 0, 0, "."));
        var none = await LookAsync();
        Assert.Equal(LookupOutcome.Empty, none.Outcome);
        Assert.Contains("not offered", none.Error, StringComparison.Ordinal);
        _dns.Add(Name, QueryType.SRV, NoName());
        Assert.Equal(LookupOutcome.NameUnknown, (await LookAsync()).Outcome);
        _dns.Answer(Name, QueryType.SRV, Srv(Name, 1, 1, 5001, "gone.test")).Unknown("gone.test");
        Assert.Equal(LookupOutcome.Empty, (await LookAsync()).Outcome);
        _dns.Add("gone.test", QueryType.A, DnsAnswer.Failure("x")).Add("gone.test", QueryType.AAAA, DnsAnswer.Failure("x"));
        Assert.Equal(LookupOutcome.Failed, (await LookAsync()).Outcome);
    }

    private Task<Resolution> LookAsync() => new ServiceLookup(_dns.AskAsync, new ArmedClock()).LookAsync(Name, TestContext.Current.CancellationToken);

    private static string Text(Resolution found) => string.Join(' ', found.Addresses);
}
