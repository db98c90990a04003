using System.Globalization;
using Hokusai.Gateway.Discovery;
using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Gateway.Resilience;
using static Hokusai.SystemTests.Gateway.Discovery.WireRecord;

namespace Hokusai.SystemTests.Gateway.Discovery;

/// <summary>A name server that goes silent under load: the last answer serves on, and metrics and report say so until it is back.</summary>
[Collection(UnderLoad.Name)]
public sealed class SilentDnsTests
{
    private const string Name = "mlflow.hokusai.local";
    private const string Failures = "hokusai_gateway_dns_failures_total{kind=\"other\"}";
    private const int Clients = 4;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_NameServerGoesSilent_IsServedFromTheLastAnswerAndTold()
    {
        await using var dns = new DnsResponder();
        var good = new WireAnswer(0, Address(Name, "127.0.0.1", 0));
        dns.Script(Name, DnsWire.A, good);
        await using var hop = await GatewayHop.StartAsync(configure: options => options with
        {
            Upstream = string.Create(CultureInfo.InvariantCulture, $"http://{Name}:{new Uri(options.Upstream).Port}"),
            Discovery = new DiscoveryOptions
            {
                Mode = DiscoveryMode.Dns,
                NameServers = [dns.Address],
                LeastTtl = TimeSpan.FromMilliseconds(250),
                NegativeTtl = TimeSpan.FromMilliseconds(500),
                QueryDeadline = TimeSpan.FromMilliseconds(300),
                FirstDeadline = TimeSpan.FromSeconds(30),
            },
        });
        await using var load = SteadyLoad.Start(hop, Clients, perSecond: 100);
        await load.MoreAsync(20);
        await AssertServedFreshAsync(hop, load);
        var before = await ReadAsync(hop);
        Assert.Equal((Name, $"127.0.0.1:{new Uri(hop.Upstream.Url).Port}"), (before.Text("query"), before.Only("addresses")));
        Assert.Equal(0.25, before.Number("ttl_seconds"));
        var stale = await MetricAsync(hop, "hokusai_gateway_dns_stale_served_total");

        dns.Script(Name, new WireAnswer { Silent = true });
        await Until.TrueAsync("the report says stale", Soon, async () => (await ReadAsync(hop)).Text("state") == "degraded");
        // Those that are on their way already had their address from an answer that was good then.
        await load.MoreAsync(50 + Clients);

        var during = await ReadAsync(hop);
        Assert.Contains("no answer", during.Text("last_error"), StringComparison.Ordinal);
        Assert.True(during.Number("age_seconds") > 0.25);
        Assert.True(await MetricAsync(hop, "hokusai_gateway_dns_stale_served_total") >= stale + 50);
        Assert.True(await MetricAsync(hop, "hokusai_gateway_dns_age_seconds") > 0.25);
        Assert.True(await MetricAsync(hop, Failures) >= 1);

        dns.Script(Name, new WireAnswer());
        dns.Script(Name, DnsWire.A, good);
        await AssertServedFreshAsync(hop, load);
        await load.StopAsync();
        Assert.Empty(load.Errors);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Report_NameThatDoesNotExist_IsDown()
    {
        await using var dns = new DnsResponder();
        dns.Script(Name, new WireAnswer(3));
        await using var hop = await GatewayHop.StartAsync(configure: options => options with { Upstream = $"http://{Name}:5000", Discovery = new DiscoveryOptions { Mode = DiscoveryMode.Dns, NameServers = [dns.Address] } });

        await Until.TrueAsync("the report says down", Soon, async () => (await ReadAsync(hop)).Text("state") == "down");

        Assert.Contains(Name, (await ReadAsync(hop)).Text("last_error"), StringComparison.Ordinal);
        Assert.DoesNotContain("\nhokusai_gateway_dns_age_seconds ", await hop.Client().GetStringAsync("/hokusai/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    // Nothing is served from an old answer while DNS answers. A machine that stands still for longer than a question may take makes a silence of its own, which
    // is counted: then another while is looked at.
    private static Task AssertServedFreshAsync(GatewayHop hop, SteadyLoad load) => Until.TrueAsync("a while in which DNS answers", Soon, async () =>
    {
        if ((await ReadAsync(hop)).Text("state") != "up") return false;
        var before = await MetricSamples.ReadAsync(hop.Url);
        await load.MoreAsync(20);
        var after = await MetricSamples.ReadAsync(hop.Url);
        // A series is there from its first failure on.
        if (before.GetValueOrDefault(Failures) != after.GetValueOrDefault(Failures)) return false;
        Assert.Equal(before["hokusai_gateway_dns_stale_served_total"], after["hokusai_gateway_dns_stale_served_total"]);
        return true;
    });

    private static Task<Dependencies> ReadAsync(GatewayHop hop) => Dependencies.ReadAsync(hop.Url, "dns");

    private static async Task<double> MetricAsync(GatewayHop hop, string series) => (await MetricSamples.ReadAsync(hop.Url))[series];
}
