using System.Net;
using DnsClient;
using Hokusai.Gateway.Discovery;
using static Hokusai.Tests.Gateway.Discovery.DnsScript;

namespace Hokusai.Tests.Gateway.Discovery;

public sealed class NameResolutionTests
{
    private readonly DnsScript _dns = new();
    private readonly List<string> _system = [];

    [Theory]
    [InlineData("http://mlflow:5000")]
    [InlineData("http://localhost:5000")]
    [InlineData("http://mlflow.localhost:5000")]
    public async Task LookAsync_LocalName_GoesToTheSystem(string upstream)
    {
        var found = await Resolution(upstream)();
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 5000), Assert.Single(found.Addresses));
        Assert.Empty(_dns.Asked);
        Assert.Single(_system);
    }

    [Fact]
    public async Task LookAsync_NameThatDnsKnows_NeverGoesToTheSystem()
    {
        _dns.Answer("a.test", QueryType.A, A("a.test", "10.0.0.1"));
        var look = Resolution("https://a.test");
        Assert.Equal("10.0.0.1:443", (await look()).Addresses[0].ToString());
        _dns.Unknown("a.test");
        Assert.Equal(LookupOutcome.NameUnknown, (await look()).Outcome);
        Assert.Empty(_system);
    }

    [Fact]
    public async Task LookAsync_NameThatDnsNeverKnew_GoesToTheSystem()
    {
        _dns.Unknown("a.test");
        var look = Resolution("http://a.test");
        Assert.Equal("127.0.0.1:80", (await look()).Addresses[0].ToString());
        Assert.Equal("127.0.0.1:80", (await look()).Addresses[0].ToString());
        Assert.Equal(["a.test", "a.test"], _system);
    }

    [Fact]
    public async Task LookAsync_NobodyKnowsTheName_GivesTheAnswerOfDns()
    {
        _dns.Unknown("b.test");
        var found = await Resolution("http://b.test")();
        Assert.Equal((LookupOutcome.NameUnknown, "no such name"), (found.Outcome, found.Error));
    }

    [Theory]
    [InlineData("http://mlflow")]
    [InlineData("http://a.test")]
    public async Task LookAsync_DnsMode_NeverGoesToTheSystem(string upstream)
    {
        _dns.Unknown("mlflow").Unknown("a.test");
        Assert.Equal(LookupOutcome.NameUnknown, (await Resolution(upstream, new DiscoveryOptions { Mode = DiscoveryMode.Dns })()).Outcome);
        Assert.Empty(_system);
    }

    [Fact]
    public async Task LookAsync_ServiceRecord_AsksForIt()
    {
        _dns.Answer("mlflow.test", QueryType.SRV, Srv("mlflow.test", 1, 1, 5007, "t.test")).Answer("t.test", QueryType.A, A("t.test", "10.0.0.1"));
        var found = await Resolution("http://mlflow.test:5000", new DiscoveryOptions { Record = DnsRecord.Service })();
        Assert.Equal("10.0.0.1:5007", found.Addresses[0].ToString());
    }

    private Func<Task<Resolution>> Resolution(string upstream, DiscoveryOptions? options = null) =>
        Bind(new NameResolution(new Uri(upstream), options ?? new DiscoveryOptions(), _dns.AskAsync, SystemAsync, TimeProvider.System));

    private static Func<Task<Resolution>> Bind(NameResolution resolution) => () => resolution.LookAsync(TestContext.Current.CancellationToken);

    private Task<Resolution> SystemAsync(string name, int port, CancellationToken cancellation)
    {
        _system.Add(name);
        return Task.FromResult(name == "b.test"
            ? Hokusai.Gateway.Discovery.Resolution.None(LookupOutcome.Failed, null, "the system's error")
            : new Resolution(LookupOutcome.Found, [new IPEndPoint(IPAddress.Loopback, port)], TimeSpan.FromSeconds(5), null));
    }
}
