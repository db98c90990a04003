using System.Net;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Admission;
using Hokusai.Tests.Gateway.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Gateway.Admission;

public sealed class KeyUseReportTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<KeyUses> _sent = [];
    private HttpStatusCode? _answer = HttpStatusCode.NoContent;

    [Fact]
    public async Task Report_UsesAndRefusals_AreToldOnceWithTheLastOfEach()
    {
        await using var report = Report();
        report.Used("key_1", "192.0.2.1", "mlflow-python-client/3.4.0", _time.GetUtcNow());
        report.Used("key_1", "192.0.2.2", null, _time.GetUtcNow());
        report.Refused("HKS-AUTH-EXPIRED", null, "hk_live_abcd…", "192.0.2.3", _time.GetUtcNow());
        await report.ReportAsync();
        await report.ReportAsync();

        var sent = Assert.Single(_sent);
        Assert.Equal(new KeyUse("key_1", _time.GetUtcNow(), "192.0.2.2", null, 2), Assert.Single(sent.Uses));
        Assert.Equal(new KeyRefusals("HKS-AUTH-EXPIRED", null, "hk_live_abcd…", "192.0.2.3", _time.GetUtcNow(), 1), Assert.Single(sent.Denials!));
    }

    [Fact]
    public async Task Report_ServiceIsAway_IsToldLater()
    {
        await using var report = Report();
        _answer = null;
        report.Used("key_1", "192.0.2.1", null, _time.GetUtcNow());
        await report.ReportAsync();
        _answer = HttpStatusCode.OK;
        report.Used("key_1", "192.0.2.1", null, _time.GetUtcNow());
        await report.ReportAsync();

        Assert.Equal(2, Assert.Single(_sent[^1].Uses).Count);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.MethodNotAllowed)]
    [InlineData(HttpStatusCode.NotImplemented)]
    public async Task Report_ServiceWithoutSuchAThing_IsLeftAloneForTenMinutes(HttpStatusCode status)
    {
        await using var report = Report();
        _answer = status;
        for (var minute = 0; minute < 11; minute++)
        {
            report.Used("key_1", "192.0.2.1", null, _time.GetUtcNow());
            await report.ReportAsync();
            Assert.Equal(minute < 10 ? 1 : 2, _sent.Count);
            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task Count_Floods_AreBounded()
    {
        await using var report = Report();
        for (var i = 0; i < 20_000; i++)
        {
            report.Used($"key_{i}", "192.0.2.1", new string('a', 10_000), _time.GetUtcNow());
            report.Refused("HKS-AUTH-UNKNOWN", null, $"hk_live_{i}", "192.0.2.1", _time.GetUtcNow());
        }
        await report.ReportAsync();

        Assert.Equal(10_000, _sent.Sum(s => s.Uses.Count));
        Assert.All(_sent, s => Assert.InRange(s.Uses.Count, 0, 1_000));
        Assert.All(_sent.SelectMany(s => s.Uses), use => Assert.Equal(120, use.Client!.Length));
        Assert.Equal(1_001, _sent.Sum(s => s.Denials!.Count));
        Assert.Equal(20_000, _sent.SelectMany(s => s.Denials!).Sum(d => d.Count));
    }

    [Fact]
    public async Task Dispose_WhatIsLeft_IsTold()
    {
        var report = Report();
        report.Used("key_1", "192.0.2.1", null, _time.GetUtcNow());
        await report.DisposeAsync();

        Assert.Single(_sent);
    }

    private KeyUseReport Report() => new(
        uses =>
        {
            _sent.Add(uses);
            return Task.FromResult(_answer);
        },
        _time,
        new CollectedLog());
}
