using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Hokusai.Contracts.Keys;
using Microsoft.Extensions.Logging;

namespace Hokusai.Keys.Audit;

/// <summary>
/// Refused keys in the audit log: one entry a minute for each reason and key, with how often. A flood of unknown keys is one entry,
/// since what is unknown has no id, and more than <see cref="MostEntries"/> kinds in a minute share the last entry: the disk can't be filled from outside.
/// </summary>
internal sealed class DenialLog : IAsyncDisposable
{
    /// <summary>Entries a minute at the most, besides the one for the rest.</summary>
    public const int MostEntries = 64;

    private const string Nobody = "-";
    private const string Rest = "OTHER";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _flushing = new(1);
    private readonly IAuditTrail _trail;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private Dictionary<(string Source, string Reason, string Subject), Seen> _seen = [];

    public DenialLog(IAuditTrail trail, TimeProvider time, ILogger logger)
    {
        (_trail, _time, _logger) = (trail, time, logger);
        _timer = time.CreateTimer(static log => _ = ((DenialLog)log!).FlushAsync(), this, Minute, Minute);
    }

    /// <summary>This service refused a key.</summary>
    public void Refused(string reason, string? keyId, string? clientIp)
    {
        Add("validate", reason, keyId, clientIp, _time.GetUtcNow(), 1);
    }

    /// <summary>A gateway says what it refused. It may be anybody who can reach this service, so nothing of it is taken as it comes.</summary>
    public void Reported(IReadOnlyList<KeyRefusals> refusals)
    {
        // Elements may be null in JSON, whatever the type says.
        foreach (var told in refusals.OfType<KeyRefusals>()) Add("gateway", Word(told.Reason) ?? Rest, Word(told.KeyId), told.ClientIp, told.At, told.Count);
    }

    /// <summary>Writes what was seen. What can't be written is kept for the next time.</summary>
    public async Task FlushAsync()
    {
        await _flushing.WaitAsync();
        try
        {
            Dictionary<(string Source, string Reason, string Subject), Seen> seen;
            lock (_lock) (seen, _seen) = (_seen, []);
            foreach (var (kind, what) in seen)
            {
                try
                {
                    var detail = what.Detail(kind.Source, kind.Reason);
                    await _trail.RecordAsync(AuditActs.Denied, AuditActs.Service, kind.Subject, detail.ToJsonString(), CancellationToken.None);
                    Log.Act(_logger, AuditActs.Denied, kind.Subject, AuditActs.Service, detail);
                }
                catch (Exception e)
                {
                    // Whatever failed: refusing keys goes on without the log, and the count is not lost.
                    Log.DenialsNotRecorded(_logger, e, what.Count);
                    Merge(kind, what);
                }
            }
        }
        finally
        {
            _flushing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        // Also waits for one that runs. The semaphore holds nothing that must be given back.
        await FlushAsync();
    }

    private void Add(string source, string reason, string? keyId, string? clientIp, DateTimeOffset at, long count)
    {
        if (count <= 0) return;
        Merge((source, reason, keyId ?? Nobody), new Seen(count, at, at, IPAddress.TryParse(clientIp, out var address) ? address.ToString() : null));
    }

    private void Merge((string Source, string Reason, string Subject) kind, Seen what)
    {
        lock (_lock)
        {
            if (!_seen.ContainsKey(kind) && _seen.Count >= MostEntries) kind = (kind.Source, Rest, Nobody);
            _seen[kind] = _seen.TryGetValue(kind, out var before) ? before.And(what) : what;
        }
    }

    private static string? Word(string? text) =>
        text is { Length: > 0 and <= 64 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && KeyRedactor.Redact(text) == text ? text : null;

    private sealed record Seen(long Count, DateTimeOffset First, DateTimeOffset Last, string? ClientIp)
    {
        public Seen And(Seen other)
        {
            var last = other.Last >= Last ? other : this;
            return new Seen(other.Count > long.MaxValue - Count ? long.MaxValue : Count + other.Count, other.First < First ? other.First : First, last.Last, last.ClientIp ?? ClientIp ?? other.ClientIp);
        }

        public JsonObject Detail(string source, string reason)
        {
            var detail = new JsonObject { ["reason"] = reason, ["source"] = source, ["count"] = Count, ["first"] = Text(First), ["last"] = Text(Last) };
            if (ClientIp is not null) detail["last_client_ip"] = ClientIp;
            return detail;
        }

        private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }
}
