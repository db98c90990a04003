using System.Text.Json;
using System.Text.RegularExpressions;
using Hokusai.Gateway.Discovery;
using Hokusai.Tests.Architecture;

namespace Hokusai.Tests.Infrastructure;

/// <summary>The alarms as they are written down, before Terraform makes them.</summary>
public sealed partial class AlarmDefinitionTests
{
    // What CloudWatch has of what Terraform makes (AWS: the pages on metrics of load balancers, ECS, Container Insights, EventBridge and RDS).
    private static readonly Dictionary<string, string[]> AwsMetrics = new()
    {
        ["alb"] = ["HTTPCode_ELB_502_Count", "HTTPCode_ELB_503_Count", "HTTPCode_ELB_504_Count", "RejectedConnectionCount"],
        ["target-group"] = ["HTTPCode_Target_5XX_Count", "TargetResponseTime", "TargetConnectionErrorCount", "UnHealthyHostCount", "HealthyHostCount"],
        ["service"] = ["MemoryUtilization", "CPUUtilization"],
        ["tasks"] = ["RunningTaskCount"],
        ["task-stops"] = ["TriggeredRules"],
        ["database"] = ["FreeStorageSpace", "DatabaseConnections"],
    };

    public static TheoryData<string> Names => [.. Alarms().EnumerateObject().Select(alarm => alarm.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Alarm_Written_CanBeMade(string name)
    {
        var alarm = Alarms().GetProperty(name);
        Assert.Matches("^(Sum|Minimum|Maximum|Average|SampleCount|p[0-9]{2})$", Text(alarm, "statistic"));
        Assert.Contains(Text(alarm, "comparison"), new[] { "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold" });
        Assert.Contains(Text(alarm, "treat_missing_data"), new[] { "notBreaching", "breaching", "ignore", "missing" });
        Assert.Contains(Text(alarm, "severity"), new[] { "critical", "warning" });
        Assert.InRange(alarm.GetProperty("datapoints").GetInt32(), 1, alarm.GetProperty("evaluation_periods").GetInt32());
        Assert.Equal(0, alarm.GetProperty("period").GetInt32() % 60);
        // AWS: an alarm looks at a day at most.
        Assert.InRange(alarm.GetProperty("period").GetInt32() * alarm.GetProperty("evaluation_periods").GetInt32(), 60, 86_400);
        Assert.NotEmpty(Text(alarm, "why"));
        Assert.NotEmpty(Text(alarm, "missing"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Alarm_OnTheGateway_WatchesWhatTheGatewaySends(string name)
    {
        var alarm = Alarms().GetProperty(name);
        var (source, metric) = (Text(alarm, "source"), Text(alarm, "metric"));
        var dimensions = alarm.TryGetProperty("dimension", out var written) ? written.EnumerateObject().Select(d => d.Name).ToArray() : [];
        if (source == "gateway")
        {
            using var sent = Read("gateway-metrics.json");
            Assert.True(sent.RootElement.GetProperty("metrics").TryGetProperty(metric, out var known), $"{metric} is not among the gateway's metrics in CloudWatch");
            Assert.All(dimensions, dimension => Assert.Contains(dimension, known.GetProperty("dimensions").EnumerateArray().Select(d => d.GetString())));
            // A state that is summed over gateways and minutes is none.
            Assert.Equal(known.GetProperty("kind").GetString() == "gauge", Text(alarm, "statistic") == "Maximum");
        }
        else
        {
            Assert.Contains(metric, AwsMetrics[source]);
            Assert.Empty(dimensions);
        }
    }

    [Fact]
    public void Alarms_AndTheRunbook_KnowEachOther()
    {
        var runbook = File.ReadAllText(Path.Combine(Repository.Root, "docs", "runbook.md"));
        var entries = Entry().Split(runbook).Skip(1).Select(text => (Anchor: text[..text.IndexOf('\n', StringComparison.Ordinal)], Text: text)).ToList();
        var linked = Alarms().EnumerateObject().Select(alarm => Text(alarm.Value, "runbook")).Distinct();
        Assert.Equal(linked.Order(), entries.Select(entry => entry.Anchor).Order());
        Assert.All(entries, entry => Assert.All(["**Means**", "**Look**", "**Do**"], part => Assert.Contains(part, entry.Text, StringComparison.Ordinal)));
        var anchors = Heading().Matches(runbook).Select(heading => heading.Groups[1].Value.ToLowerInvariant().Replace(' ', '-')).ToHashSet();
        Assert.All(Link().Matches(runbook), link => Assert.Contains(link.Groups[1].Value, anchors));
    }

    // What fails is asked for again when "there is none" is no longer believed; a question takes a moment too.
    [Fact]
    public void Alarm_OnDns_FiresForOneGatewayThatGetsNoAnswer()
    {
        var asks = new DiscoveryOptions();
        var alarm = Alarms().GetProperty("dns-failures");
        var inPeriod = alarm.GetProperty("period").GetInt32() / (asks.NegativeTtl + asks.QueryDeadline).TotalSeconds;
        Assert.InRange(alarm.GetProperty("threshold").GetDouble(), 1, inPeriod / 2);
    }

    [Fact]
    public void Names_InTheDashboard_AreTheGateways()
    {
        using var sent = Read("gateway-metrics.json");
        var used = MetricOfGateway().Matches(File.ReadAllText(Path.Combine(Repository.Root, "infrastructure", "terraform", "dashboard.tf"))).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(used);
        Assert.All(used, name => Assert.True(sent.RootElement.GetProperty("metrics").TryGetProperty(name, out _), $"{name} is not among the gateway's metrics in CloudWatch"));
    }

    private static JsonElement Alarms()
    {
        using var document = Read("alarms.json");
        return document.RootElement.GetProperty("alarms").Clone();
    }

    private static JsonDocument Read(string file) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "infrastructure", "terraform", file)));

    private static string Text(JsonElement alarm, string field) => alarm.GetProperty(field).GetString()!;

    [GeneratedRegex("^### ", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("\\]\\(#([a-z0-9-]+)\\)")]
    private static partial Regex Link();

    [GeneratedRegex("local\\.metric\\.([A-Za-z]+)")]
    private static partial Regex MetricOfGateway();
}
