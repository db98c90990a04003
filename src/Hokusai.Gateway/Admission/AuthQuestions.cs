using System.Collections.Concurrent;
using Hokusai.Contracts.Keys;

namespace Hokusai.Gateway.Admission;

/// <summary>
/// The questions to the auth service that are under way: one a key, and not more at once than it and this process bear. Keys that were
/// good lately have a share of their own, so that invented ones can't starve them.
/// </summary>
internal sealed class AuthQuestions(Func<ApiKey, KeyFingerprint, string, Task<KeyVerdict>> ask, int most, TimeSpan patience) : IDisposable
{
    // Beyond these a new question would wait longer than its client does, and cost memory for it.
    private const int WaitingPerTurn = 8;

    private static readonly KeyVerdict Crowded = KeyVerdict.Unavailable("Too many questions about keys that are not known are waiting for it.");

    private readonly ConcurrentDictionary<KeyFingerprint, Lazy<Task<KeyVerdict>>> _flights = new();
    private readonly Share _known = new(most - most / 2, patience);
    private readonly Share _unknown = new(most / 2, patience);

    /// <summary>Questions asked or waiting for their turn.</summary>
    public int UnderWay => _flights.Count;

    /// <summary>Called for each question that found no place.</summary>
    public Action TurnedAway { get; set; } = static () => { };

    /// <summary>Asks, or joins the question about the same key.</summary>
    public Task<KeyVerdict> AskAsync(ApiKey key, KeyFingerprint fingerprint, string clientIp, bool isKnown)
    {
        if (_flights.TryGetValue(fingerprint, out var flight)) return flight.Value;
        Lazy<Task<KeyVerdict>> own = null!;
        own = new Lazy<Task<KeyVerdict>>(() => FlyAsync(key, fingerprint, clientIp, isKnown ? _known : _unknown, own));
        return _flights.GetOrAdd(fingerprint, own).Value;
    }

    /// <summary>Lets nobody join the questions that are under way: they may bring an answer from before a change.</summary>
    public void PartFromRunning() => _flights.Clear();

    public void Dispose()
    {
        _known.Dispose();
        _unknown.Dispose();
    }

    private async Task<KeyVerdict> FlyAsync(ApiKey key, KeyFingerprint fingerprint, string clientIp, Share share, Lazy<Task<KeyVerdict>> own)
    {
        try
        {
            if (!await share.EnterAsync())
            {
                TurnedAway();
                return Crowded;
            }
            try
            {
                return await ask(key, fingerprint, clientIp);
            }
            finally
            {
                share.Leave();
            }
        }
        finally
        {
            _flights.TryRemove(KeyValuePair.Create(fingerprint, own));
        }
    }

    private sealed class Share(int places, TimeSpan patience) : IDisposable
    {
        private readonly SemaphoreSlim _places = new(places);
        private int _waiting;

        public async ValueTask<bool> EnterAsync()
        {
            if (_places.Wait(TimeSpan.Zero)) return true;
            try
            {
                return Interlocked.Increment(ref _waiting) <= places * WaitingPerTurn && await _places.WaitAsync(patience);
            }
            finally
            {
                Interlocked.Decrement(ref _waiting);
            }
        }

        public void Leave() => _places.Release();

        public void Dispose() => _places.Dispose();
    }
}
