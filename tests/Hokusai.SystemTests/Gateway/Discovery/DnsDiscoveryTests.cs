using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Hokusai.Gateway.Discovery;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Hokusai.SystemTests.Gateway.Discovery.WireRecord;

namespace Hokusai.SystemTests.Gateway.Discovery;

/// <summary>The discovery against a DNS server of the test's own, over real sockets.</summary>
public sealed class DnsDiscoveryTests : IAsyncDisposable
{
    private const string Name = "mlflow.hokusai.local";
    private const int NoName = 3, ServerFailure = 2, Refused = 5;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly DnsResponder _dns = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _dns.DisposeAsync();

    [Fact]
    public async Task GetAsync_Addresses_HaveTheTtlFromTheWire()
    {
        _dns.Script(Name, DnsWire.A, new WireAnswer(0, Address(Name, "10.0.0.2", 17), Address(Name, "10.0.0.1", 17)));
        _dns.Script(Name, DnsWire.Aaaa, new WireAnswer(0, Address(Name, "fd00::1", 23)));
        Assert.Equal((ResolutionState.Good, "10.0.0.1:5000 10.0.0.2:5000 [fd00::1]:5000", TimeSpan.FromSeconds(17)), await AskAsync());
    }

    [Fact]
    public async Task GetAsync_AliasChain_IsFollowedWithTheLeastTtl()
    {
        _dns.Script(Name, DnsWire.A, new WireAnswer(0, Alias(Name, "b.test", 40), Alias("b.test", "c.test", 7), Address("c.test", "10.0.0.3", 60)));
        Assert.Equal((ResolutionState.Good, "10.0.0.3:5000", TimeSpan.FromSeconds(7)), await AskAsync());
    }

    [Fact]
    public async Task GetAsync_ServiceRecords_GiveTargetsAndPorts()
    {
        _dns.Script(Name, DnsWire.Srv, new WireAnswer(0, Srv(Name, 2, 1, 5003, "c.test"), Srv(Name, 1, 1, 5001, "a.test"), Srv(Name, 1, 9, 5002, "b.test")) { Additionals = [Address("a.test", "10.0.0.1", 9)] });
        _dns.Script("b.test", DnsWire.A, new WireAnswer(0, Address("b.test", "10.0.0.2", 8)));
        _dns.Script("c.test", DnsWire.Aaaa, new WireAnswer(0, Address("c.test", "fd00::3")));
        Assert.Equal((ResolutionState.Good, "10.0.0.2:5002 10.0.0.1:5001 [fd00::3]:5003", TimeSpan.FromSeconds(8)), await AskAsync(Options() with { Record = DnsRecord.Service }));
    }

    [Fact]
    public async Task GetAsync_TruncatedAnswer_IsFetchedOverTcp()
    {
        var addresses = Enumerable.Range(1, 200).Select(i => Address(Name, $"10.0.1.{i}")).ToList();
        _dns.Script(Name, DnsWire.A, new WireAnswer(0, addresses) { Truncated = true });
        await using var discovery = Create(Options());
        Assert.Equal(200, (await discovery.GetAsync(Cancellation)).Addresses.Count);
        Assert.Contains($"tcp 1 {Name}", _dns.Asked);
    }

    [Theory]
    [InlineData(300, 300, 5)]
    [InlineData(300, 2, 2)]
    [InlineData(2, 300, 2)]
    public async Task GetAsync_NoSuchName_IsBelievedForTheSoasTimeUpToTheCap(uint ttl, uint minimum, int seconds)
    {
        _dns.Script(Name, new WireAnswer(NoName) { Authorities = [Soa("hokusai.local", ttl, minimum)] });
        Assert.Equal((ResolutionState.NameUnknown, "", TimeSpan.FromSeconds(seconds)), await AskAsync());
    }

    [Fact]
    public async Task GetAsync_NoRecords_IsEmpty() => Assert.Equal((ResolutionState.Empty, "", TimeSpan.FromSeconds(5)), await AskAsync());

    [Theory]
    [InlineData(ServerFailure, "ServerFailure")]
    [InlineData(Refused, "Refused")]
    public async Task GetAsync_ServerSaysError_IsFailedWithItsWord(int code, string word)
    {
        _dns.Script(Name, new WireAnswer(code));
        await using var discovery = Create(Options());
        var snapshot = await discovery.GetAsync(Cancellation);
        Assert.Equal(ResolutionState.Failed, snapshot.State);
        Assert.Contains(word, snapshot.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAsync_Malformed_IsFailed()
    {
        _dns.Script(Name, new WireAnswer { Malformed = true });
        Assert.Equal((ResolutionState.Failed, "", TimeSpan.FromSeconds(1)), await AskAsync());
    }

    [Fact]
    public async Task GetAsync_Silence_IsFailedAfterTheQueryDeadlineAndASecondTry()
    {
        _dns.Script(Name, new WireAnswer { Silent = true });
        // A machine that stands still adds to the time now and then, a fault each time.
        var took = TimeSpan.MaxValue;
        for (var tries = 1; tries <= 3 && took > TimeSpan.FromSeconds(2); tries++)
        {
            await using var discovery = Create(Options() with { QueryDeadline = TimeSpan.FromMilliseconds(600) });
            var started = Stopwatch.GetTimestamp();
            var snapshot = await discovery.GetAsync(Cancellation);
            took = Stopwatch.GetElapsedTime(started);
            Assert.Equal(ResolutionState.Failed, snapshot.State);
            Assert.Contains("no answer", snapshot.LastError, StringComparison.Ordinal);
            // Sent before, and perhaps not looked at yet.
            await UntilAsync(() => Questions() >= 2 * tries);
            Assert.Equal(2 * tries, Questions());
        }
        Assert.InRange(took, TimeSpan.FromMilliseconds(550), TimeSpan.FromSeconds(2));

        int Questions() => _dns.Asked.Count(question => question == $"udp 1 {Name}");
    }

    [Fact]
    public async Task GetAsync_SilentAaaa_DoesNotHoldUpA()
    {
        _dns.Script(Name, DnsWire.A, new WireAnswer(0, Address(Name, "10.0.0.1")));
        _dns.Script(Name, DnsWire.Aaaa, new WireAnswer { Silent = true });
        await using var discovery = Create(Options());
        var started = Stopwatch.GetTimestamp();
        Assert.Equal(ResolutionState.Good, (await discovery.GetAsync(Cancellation)).State);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(9));
    }

    [Fact]
    public async Task GetAsync_FirstServerDead_TheNextAnswers()
    {
        await using var dead = new DnsResponder();
        dead.Script(Name, new WireAnswer(ServerFailure));
        _dns.Script(Name, DnsWire.A, new WireAnswer(0, Address(Name, "10.0.0.1")));
        await using var discovery = Create(Options() with { NameServers = [dead.Address, _dns.Address] });
        Assert.Equal("10.0.0.1:5000", Text(await discovery.GetAsync(Cancellation)));
        // From then on the server that answered is asked first; while the first resolution ran, one or both of its questions met the dead one. The answer may be here before the other question is there.
        await UntilAsync(() => _dns.Asked.Contains($"udp 1 {Name}") && _dns.Asked.Contains($"udp 28 {Name}"));
        var asked = dead.Asked.Count;
        Assert.InRange(asked, 1, 2);
        discovery.ReportConnectFailure(discovery.Current.Addresses[0]);
        await UntilAsync(() => discovery.Resolutions >= 2);
        Assert.Equal(asked, dead.Asked.Count);
    }

    [Theory]
    [InlineData(NoName)]
    [InlineData(ServerFailure)]
    [InlineData(0)]
    public async Task Loop_DnsLosesTheName_KeepsTheAddressesAndFindsTheNewOnes(int code)
    {
        _dns.Script(Name, DnsWire.A, new WireAnswer(0, Address(Name, "10.0.0.1", 0)));
        await using var discovery = Create(Options() with { LeastTtl = TimeSpan.FromMilliseconds(250), NegativeTtl = TimeSpan.FromMilliseconds(400) });
        await discovery.GetAsync(Cancellation);
        _dns.Script(Name, new WireAnswer(code));
        await UntilAsync(() => discovery.Current.State == ResolutionState.Stale);
        Assert.Equal("10.0.0.1:5000", Text(await discovery.GetAsync(Cancellation)));
        _dns.Script(Name, DnsWire.A, new WireAnswer(0, Address(Name, "10.0.0.2", 0)));
        await UntilAsync(() => discovery.Current.State == ResolutionState.Good && Text(discovery.Current) == "10.0.0.2:5000");
        Assert.True(discovery is { Failures: >= 1, StaleServed: >= 1 });
    }

    [Fact]
    public async Task ReportConnectFailure_NewAddressInDns_IsFoundLongBeforeTheTtlEnds()
    {
        _dns.Script(Name, DnsWire.A, new WireAnswer(0, Address(Name, "10.0.0.1", 60)));
        await using var discovery = Create(Options());
        var dead = (await discovery.GetAsync(Cancellation)).Addresses[0];
        _dns.Script(Name, DnsWire.A, new WireAnswer(0, Address(Name, "10.0.0.2", 60)));
        discovery.ReportConnectFailure(dead);
        // The deadline is half the TTL.
        await UntilAsync(() => Text(discovery.Current) == "10.0.0.2:5000");
    }

    [Fact]
    public async Task GetAsync_LocalName_NeedsNoDns()
    {
        await using var discovery = UpstreamAddresses.Create(new Uri("http://localhost:5000"), Options() with { Mode = DiscoveryMode.Auto }, TimeProvider.System, NullLogger.Instance);
        Assert.Contains(new IPEndPoint(IPAddress.Loopback, 5000), (await discovery.GetAsync(Cancellation)).Addresses.Where(address => address.AddressFamily == AddressFamily.InterNetwork));
        Assert.Empty(_dns.Asked);
    }

    // The longest deadlines that there are: most tests are not about them.
    private DiscoveryOptions Options() => new() { Mode = DiscoveryMode.Dns, NameServers = [_dns.Address], QueryDeadline = TimeSpan.FromSeconds(10), FirstDeadline = TimeSpan.FromSeconds(30) };

    private static UpstreamAddresses Create(DiscoveryOptions options, TimeProvider? time = null) => UpstreamAddresses.Create(new Uri($"http://{Name}:5000"), options, time ?? TimeProvider.System, NullLogger.Instance);

    private async Task<(ResolutionState State, string Addresses, TimeSpan Ttl)> AskAsync(DiscoveryOptions? options = null)
    {
        // On a clock that stands still, both families are waited for.
        await using var discovery = Create(options ?? Options(), new FakeTimeProvider());
        var snapshot = await discovery.GetAsync(Cancellation);
        return (snapshot.State, Text(snapshot), snapshot.Ttl);
    }

    private static string Text(AddressSnapshot snapshot) => string.Join(' ', snapshot.Addresses);

    private static async Task UntilAsync(Func<bool> condition)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Deadline, "did not come about in time");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancellation);
        }
    }
}
