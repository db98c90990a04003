using System.Net;
using Hokusai.Gateway.Discovery;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hokusai.Tests.Gateway.Discovery;

public sealed class DiscoveryOptionsTests
{
    [Fact]
    public void Faults_Defaults_None() => Assert.Empty(new DiscoveryOptions().Faults());

    [Fact]
    public void Faults_EverythingWrong_NamesEach()
    {
        var options = new DiscoveryOptions
        {
            Mode = DiscoveryMode.Dns,
            Addresses = ["10.0.0.1:5000", "mlflow:5000", "10.0.0.1"],
            Record = (DnsRecord)7,
            NameServers = ["dns.local"],
            LeastTtl = TimeSpan.FromSeconds(50),
            MostTtl = TimeSpan.FromSeconds(20),
            NegativeTtl = TimeSpan.FromHours(1),
            StaleLifetime = TimeSpan.FromDays(8),
            QueryDeadline = TimeSpan.FromMinutes(1),
            FirstDeadline = TimeSpan.Zero,
        };
        var faults = options.Faults();
        foreach (var part in (string[])["gateway discoveryMode 'dns' and upstreamAddresses", "'10.0.0.1:5000': is a private address", "'mlflow:5000': is no address", "'10.0.0.1': is no address", "gateway dnsRecord '7'", "gateway nameServers 'dns.local'", "gateway leastDnsTtl 00:00:50 and mostDnsTtl 00:00:20", "gateway negativeDnsTtl 01:00:00", "gateway staleAddressLifetime 8", "gateway dnsQueryDeadline 00:01:00: must be", "gateway firstResolutionDeadline 00:00:00: must be", "gateway dnsQueryDeadline 00:01:00 and firstResolutionDeadline"])
            Assert.Contains(faults, fault => fault.StartsWith("gateway ", StringComparison.Ordinal) && fault.Contains(part, StringComparison.Ordinal));
        Assert.Contains(new DiscoveryOptions { Mode = DiscoveryMode.Static }.Faults(), fault => fault.Contains("needs upstreamAddresses", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("172.31.0.1", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("192.168.1.1", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("169.254.1.1", true)]
    [InlineData("::ffff:10.0.0.1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("fe80::1", true)]
    [InlineData("127.0.0.9", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("8.8.8.8", false)]
    [InlineData("2001:db8::1", false)]
    public void Faults_AddressLiteral_IsRefusedOnlyIfPrivateAndNotAllowed(string address, bool isPrivate)
    {
        var options = new DiscoveryOptions { Mode = DiscoveryMode.Static, Addresses = [new IPEndPoint(IPAddress.Parse(address), 5000).ToString()] };
        Assert.Equal(isPrivate ? 1 : 0, options.Faults().Count);
        Assert.Empty((options with { AllowAddressLiteral = true }).Faults());
    }

    [Theory]
    [InlineData("http://10.0.0.1:5000", "", "10.0.0.1:5000")]
    [InlineData("http://[::1]:5000", "", "[::1]:5000")]
    [InlineData("https://127.0.0.1", "", "127.0.0.1:443")]
    [InlineData("http://mlflow.hokusai.local", "10.0.0.1:5000,[::1]:5001,10.0.0.1:5000", "10.0.0.1:5000 [::1]:5001")]
    public async Task Create_LiteralOrList_IsFixed(string upstream, string list, string addresses)
    {
        var options = new DiscoveryOptions { Addresses = list.Split(',', StringSplitOptions.RemoveEmptyEntries) };
        await using var discovery = UpstreamAddresses.Create(new Uri(upstream), options, TimeProvider.System, NullLogger.Instance);
        discovery.ReportConnectFailure(discovery.Current.Addresses[0]);
        var snapshot = await discovery.GetAsync(TestContext.Current.CancellationToken);
        Assert.Equal(addresses, string.Join(' ', snapshot.Addresses));
        Assert.Equal((ResolutionState.Good, 0L), (snapshot.State, discovery.Resolutions));
    }
}
