using System.Diagnostics;
using Hokusai.Gateway.Discovery;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hokusai.SystemTests.Gateway.Discovery;

/// <summary>The discovery against a real DNS server, dnsmasq, whose records change while requests go on.</summary>
public sealed class DnsmasqDiscoveryTests
{
    private const string Name = "mlflow.test";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Loop_RecordsChangeUnderLoad_EveryRequestHasAnAddressAtOnceAndTheNewOnesCome()
    {
        await using var dns = await DnsmasqServer.StartAsync(Name, "10.0.0.1", "10.0.0.2", "fd00::1");
        await using var discovery = Create(dns);
        // The slower family is not waited for long: it may come a TTL later.
        await UntilAsync(discovery, snapshot => Text(snapshot) == "10.0.0.1:5000 10.0.0.2:5000 [fd00::1]:5000");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(() => LoadAsync(discovery, end.Token))).ToList();
        // Something of a family stays each time: the questions about both may come one before and one after the change, and each must not find nothing.
        foreach (var addresses in (string[][])[["10.0.0.2", "10.0.0.3"], ["10.0.0.3", "fd00::4"], ["fd00::4"], ["10.0.0.5", "10.0.0.6", "fd00::4"]])
        {
            await dns.SetAsync(Name, addresses);
            // The record's TTL is 1 s: the change must show soon after that, without anyone reporting a failure.
            await UntilAsync(discovery, snapshot => Text(snapshot) == string.Join(' ', addresses.Select(address => address.Contains(':', StringComparison.Ordinal) ? $"[{address}]:5000" : $"{address}:5000")));
        }
        await end.CancelAsync();
        var (requests, waits) = (0, 0);
        foreach (var (served, waited) in await Task.WhenAll(load)) (requests, waits) = (requests + served, waits + waited);
        Assert.True(requests > 100, $"only {requests} requests");
        Assert.Equal((0, 0L), (waits, discovery.Failures));
    }

    [Fact]
    public async Task Loop_DnsGoesAndComesBack_TheLastAddressesBridgeIt()
    {
        await using var dns = await DnsmasqServer.StartAsync(Name, "10.0.0.1");
        await using var discovery = Create(dns, queryDeadline: 1);
        await UntilAsync(discovery, snapshot => snapshot.State == ResolutionState.Good);
        await dns.StopAsync();
        await UntilAsync(discovery, snapshot => snapshot.State == ResolutionState.Stale);
        Assert.Equal("10.0.0.1:5000", Text(discovery.Current));
        await dns.StartAgainAsync();
        await UntilAsync(discovery, snapshot => snapshot.State == ResolutionState.Good);
        // No record left: dnsmasq says NXDOMAIN, as Cloud Map does between two tasks.
        await dns.SetAsync(Name);
        await UntilAsync(discovery, snapshot => snapshot.State == ResolutionState.Stale);
        await dns.SetAsync(Name, "10.0.0.2");
        await UntilAsync(discovery, snapshot => Text(snapshot) == "10.0.0.2:5000");
    }

    [Fact]
    public async Task GetAsync_NameAppearsLater_IsFoundWithinTheNegativeCap()
    {
        await using var dns = await DnsmasqServer.StartAsync(Name);
        await using var discovery = Create(dns);
        Assert.Equal(ResolutionState.NameUnknown, (await discovery.GetAsync(Cancellation)).State);
        await dns.SetAsync(Name, "10.0.0.1");
        await UntilAsync(discovery, snapshot => Text(snapshot) == "10.0.0.1:5000");
    }

    // The longest deadlines that there are, except where a server is to be missed.
    private static UpstreamAddresses Create(DnsmasqServer dns, int queryDeadline = 10) => UpstreamAddresses.Create(
        new Uri($"http://{Name}:5000"),
        new DiscoveryOptions { Mode = DiscoveryMode.Dns, NameServers = [$"127.0.0.1:{dns.Port}"], NegativeTtl = TimeSpan.FromSeconds(1), QueryDeadline = TimeSpan.FromSeconds(queryDeadline), FirstDeadline = TimeSpan.FromSeconds(30) },
        TimeProvider.System,
        NullLogger.Instance);

    private static async Task<(int Served, int Waited)> LoadAsync(UpstreamAddresses discovery, CancellationToken end)
    {
        var (served, waited) = (0, 0);
        while (!end.IsCancellationRequested)
        {
            var asked = discovery.GetAsync(CancellationToken.None).AsTask();
            if (!asked.IsCompletedSuccessfully) waited++;
            if ((await asked).Addresses.Count == 0) throw new InvalidOperationException("a request got no address");
            served++;
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, end).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
        return (served, waited);
    }

    private static string Text(AddressSnapshot snapshot) => string.Join(' ', snapshot.Addresses);

    private static async Task UntilAsync(UpstreamAddresses discovery, Func<AddressSnapshot, bool> condition)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition(discovery.Current))
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Deadline, $"did not come about in time; now {discovery.Current.State} {Text(discovery.Current)} {discovery.Current.LastError}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancellation);
        }
    }
}
