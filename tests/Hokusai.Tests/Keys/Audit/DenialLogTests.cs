using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Audit;
using Hokusai.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Keys.Audit;

public sealed class DenialLogTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Trail _trail = new();
    private readonly DenialLog _log;

    public DenialLogTests() => _log = new DenialLog(_trail, _time, NullLogger.Instance);

    public ValueTask DisposeAsync() => _log.DisposeAsync();

    [Fact]
    public void Refused_ManyTimesInAMinute_IsOneEntryForEachReasonAndKey()
    {
        for (var i = 0; i < 1000; i++) _log.Refused(KeyDenialCodes.Unknown, null, $"192.0.2.{i % 250}");
        _log.Refused(KeyDenialCodes.Expired, "key_a", "192.0.2.1");
        _log.Refused(KeyDenialCodes.Expired, "key_b", null);
        _time.Advance(TimeSpan.FromSeconds(59));
        _log.Refused(KeyDenialCodes.Expired, "key_a", "not an address");
        Assert.Empty(_trail.Entries);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["-", "key_a", "key_b"], _trail.Entries.Select(entry => entry.Subject));
        Assert.All(_trail.Entries, entry => Assert.Equal(("key.denied", "service"), (entry.Act, entry.Actor)));
        Assert.Equal("""{"reason":"KEY_UNKNOWN","source":"validate","count":1000,"first":"2030-01-01T00:00:00Z","last":"2030-01-01T00:00:00Z","last_client_ip":"192.0.2.249"}""", _trail.Entries[0].Detail);
        Assert.Equal("""{"reason":"KEY_EXPIRED","source":"validate","count":2,"first":"2030-01-01T00:00:00Z","last":"2030-01-01T00:00:59Z","last_client_ip":"192.0.2.1"}""", _trail.Entries[1].Detail);
    }

    [Fact]
    public void Refused_NextMinute_IsAnEntryOfItsOwnAndSilenceIsNone()
    {
        for (var minute = 0; minute < 4; minute++)
        {
            if (minute != 2) _log.Refused(KeyDenialCodes.Revoked, "key_a", null);
            _time.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.Equal(3, _trail.Entries.Count);
    }

    [Fact]
    public void Reported_FloodOfKinds_IsBounded()
    {
        _log.Reported([.. Enumerable.Range(0, 10_000).Select(i => Told($"HKS-{i}", $"key_{i}", count: 2))]);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(DenialLog.MostEntries + 1, _trail.Entries.Count);
        Assert.Equal(20_000, _trail.Entries.Sum(entry => JsonDocument.Parse(entry.Detail).RootElement.GetProperty("count").GetInt64()));
    }

    [Fact]
    public void Reported_WhatNoGatewayWouldSay_IsNotTakenAsItComes()
    {
        var key = ApiKey.Mint().Reveal();
        _log.Reported([Told(key, key), Told("a\nb", "<script>", ip: key), Told(new string('x', 500), null), Told("HKS-AUTH-EXPIRED", "key_a", count: -5), null!, Told(null!, "key_a", count: long.MaxValue), Told(null!, "key_a", count: long.MaxValue)]);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["-", "key_a"], _trail.Entries.Select(entry => entry.Subject));
        Assert.All(_trail.Entries, entry => Assert.Contains("\"OTHER\"", entry.Detail, StringComparison.Ordinal));
        Assert.DoesNotContain(key[8..], string.Concat(_trail.Entries), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flush_StoreIsAway_KeepsTheCount()
    {
        _log.Refused(KeyDenialCodes.Revoked, "key_a", null);
        _trail.Away = true;
        await _log.FlushAsync();
        _log.Refused(KeyDenialCodes.Revoked, "key_a", null);
        _trail.Away = false;

        await _log.FlushAsync();

        Assert.Contains("\"count\":2", Assert.Single(_trail.Entries).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_WithSomethingSeen_WritesIt()
    {
        _log.Refused(KeyDenialCodes.Disabled, "key_a", null);
        await _log.DisposeAsync();
        Assert.Single(_trail.Entries);
    }

    private KeyRefusals Told(string reason, string? keyId, string? ip = null, long count = 1) => new(reason, keyId, null, ip, _time.GetUtcNow(), count);

    private sealed class Trail : IAuditTrail
    {
        public List<(string Act, string Actor, string Subject, string Detail)> Entries { get; } = [];

        public bool Away { get; set; }

        public Task RecordAsync(string act, string actorKeyId, string subject, string detail, CancellationToken cancellation)
        {
            if (Away) throw new StorageException("away", transient: true);
            Entries.Add((act, actorKeyId, subject, detail));
            return Task.CompletedTask;
        }

        public void Record(Session session, string act, string actorKeyId, string subject, string detail) => throw new NotSupportedException();
    }
}
