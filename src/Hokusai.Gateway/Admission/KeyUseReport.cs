using System.Collections.Concurrent;
using System.Net;
using Hokusai.Contracts.Keys;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Admission;

/// <summary>
/// Counts uses and refusals of keys and tells the auth service about them every minute and at the end, so that it knows which keys are still
/// in use, from where and by what. Never on a request's way: a request adds to a count.
/// </summary>
internal sealed class KeyUseReport(Func<KeyUses, Task<HttpStatusCode?>> send, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int MostKeys = 10_000;
    private const int MostRefusals = 1_000;
    private const int PerReport = 1_000;
    private const int LongestClient = 120;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LeaveAlone = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LastDeadline = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private ConcurrentDictionary<string, Use> _uses = new(StringComparer.Ordinal);
    private ConcurrentDictionary<RefusalKind, Use> _refusals = new();
    private DateTimeOffset _notBefore;
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = Task.Run(LoopAsync);

    /// <summary>A key was used.</summary>
    public void Used(string keyId, string clientIp, string? client, DateTimeOffset at)
    {
        var uses = Volatile.Read(ref _uses);
        if (!uses.TryGetValue(keyId, out var use))
        {
            if (uses.Count >= MostKeys) return;
            use = uses.GetOrAdd(keyId, static _ => new Use());
        }
        use.Add(clientIp, client, at, 1);
    }

    /// <summary>A key was refused, or none was there.</summary>
    public void Refused(string reason, string? keyId, string? display, string clientIp, DateTimeOffset at)
    {
        var refusals = Volatile.Read(ref _refusals);
        var kind = new RefusalKind(reason, keyId, display);
        // A flood of invented keys is told as one number a reason.
        if (!refusals.ContainsKey(kind) && refusals.Count >= MostRefusals) kind = new RefusalKind(reason, null, null);
        refusals.GetOrAdd(kind, static _ => new Use()).Add(clientIp, null, at, 1);
    }

    /// <summary>Tells what was counted since the last time.</summary>
    public async Task ReportAsync()
    {
        var uses = Interlocked.Exchange(ref _uses, new ConcurrentDictionary<string, Use>(StringComparer.Ordinal));
        var refusals = Interlocked.Exchange(ref _refusals, new ConcurrentDictionary<RefusalKind, Use>());
        if (time.GetUtcNow() < _notBefore) return;
        foreach (var (some, denied) in Parts(uses, refusals))
        {
            var status = await send(new KeyUses([.. some.Select(u => u.Value.Of(u.Key))], [.. denied.Select(r => r.Value.Of(r.Key))]));
            if (status is >= HttpStatusCode.OK and < HttpStatusCode.Ambiguous) continue;
            if (status is { } answered && AuthClient.IsNotOffered(answered))
            {
                Log.UsesNotTaken(logger, (int)answered);
                _notBefore = time.GetUtcNow() + LeaveAlone;
                return;
            }
            if (status is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not HttpStatusCode.TooManyRequests) Log.UsesRefused(logger, (int)status);
            else KeepForNext(some, denied);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        try
        {
            await ReportAsync().WaitAsync(LastDeadline, time);
        }
        catch (TimeoutException)
        {
            Log.UsesLost(logger);
        }
        _stop.Dispose();
    }

    private static IEnumerable<(KeyValuePair<string, Use>[] Uses, KeyValuePair<RefusalKind, Use>[] Refusals)> Parts(
        ConcurrentDictionary<string, Use> uses, ConcurrentDictionary<RefusalKind, Use> refusals)
    {
        var denied = refusals.ToArray();
        foreach (var part in uses.ToArray().Chunk(PerReport))
        {
            yield return (part, denied);
            denied = [];
        }
        if (denied.Length > 0) yield return ([], denied);
    }

    private async Task LoopAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(Interval, time, _stop.Token);
                await ReportAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private void KeepForNext(KeyValuePair<string, Use>[] uses, KeyValuePair<RefusalKind, Use>[] refusals)
    {
        foreach (var (key, use) in uses)
        {
            if (_uses.Count < MostKeys || _uses.ContainsKey(key)) _uses.GetOrAdd(key, static _ => new Use()).Add(use);
        }
        foreach (var (kind, use) in refusals)
        {
            if (_refusals.Count < MostRefusals || _refusals.ContainsKey(kind)) _refusals.GetOrAdd(kind, static _ => new Use()).Add(use);
        }
    }

    private sealed record RefusalKind(string Reason, string? KeyId, string? Display);

    /// <summary>Counts of one key or kind, and the last of what was counted.</summary>
    private sealed class Use
    {
        private readonly Lock _lock = new();
        private string _clientIp = "";
        private string? _client;
        private DateTimeOffset _at;
        private long _count;

        public void Add(string clientIp, string? client, DateTimeOffset at, long count)
        {
            lock (_lock)
            {
                _count += count;
                if (at < _at) return;
                (_clientIp, _at) = (clientIp, at);
                _client = client is { Length: > LongestClient } ? client[..LongestClient] : client;
            }
        }

        public void Add(Use other) => Add(other._clientIp, other._client, other._at, other._count);

        public KeyUse Of(string keyId)
        {
            lock (_lock) return new KeyUse(keyId, _at, _clientIp, _client is null ? null : KeyRedactor.Redact(_client), _count);
        }

        public KeyRefusals Of(RefusalKind kind)
        {
            lock (_lock) return new KeyRefusals(kind.Reason, kind.KeyId, kind.Display, _clientIp, _at, _count);
        }
    }
}
