namespace Hokusai.Gateway.Telemetry.Journal;

/// <summary>How far back the memory goes.</summary>
/// <param name="RecentSince">Every request that ended after this is known.</param>
/// <param name="FailedSince">Every failed request that ended after this is known.</param>
/// <param name="Recent">How many requests are known at most, failed or not.</param>
internal sealed record JournalReach(DateTimeOffset RecentSince, DateTimeOffset FailedSince, int Recent);

/// <summary>
/// The last requests, and the failed ones of a longer time: what <c>hokusai why</c> tells. Recent ones lie in a ring that is written
/// without a lock; failures in a queue that is bounded by age, count and bytes, so that an outage can't fill the memory.
/// </summary>
internal sealed class ExchangeJournal
{
    private readonly JournalEntry?[] _recent;
    private readonly Lock _writingFailures = new();
    private readonly Queue<Kept> _failures = new();
    private readonly TelemetryOptions _options;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _started;
    private DateTimeOffset _failuresSince;
    private long _failureBytes;
    private long _written;

    public ExchangeJournal(TelemetryOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _recent = new JournalEntry?[options.RecentRequests];
        _started = _failuresSince = time.GetUtcNow();
    }

    /// <summary>How many failures are kept now, and their size by estimate.</summary>
    public (int Count, long Bytes) FailuresKept
    {
        get
        {
            lock (_writingFailures) return (_failures.Count, _failureBytes);
        }
    }

    /// <summary>How far back it goes.</summary>
    public JournalReach Reach
    {
        get
        {
            lock (_writingFailures) DropOld(_time.GetUtcNow());
            return new JournalReach(RecentSince(), _failuresSince, _recent.Length);
        }
    }

    /// <summary>Remembers a request that has ended.</summary>
    public void Add(JournalEntry entry)
    {
        var slot = (Interlocked.Increment(ref _written) - 1) % _recent.Length;
        Volatile.Write(ref _recent[slot], entry);
        if (entry.Failed) AddFailure(entry);
    }

    /// <summary>What is known of a request. Looks through everything: people ask rarely, requests come often.</summary>
    public JournalEntry? Find(string requestId)
    {
        for (var i = 0; i < _recent.Length; i++)
        {
            if (Volatile.Read(ref _recent[i]) is { } entry && entry.RequestId == requestId) return entry;
        }
        lock (_writingFailures)
        {
            DropOld(_time.GetUtcNow());
            foreach (var kept in _failures)
            {
                if (kept.Entry.RequestId == requestId) return kept.Entry;
            }
        }
        return null;
    }

    private void AddFailure(JournalEntry entry)
    {
        var kept = new Kept(entry, _time.GetUtcNow(), entry.EstimatedBytes);
        lock (_writingFailures)
        {
            DropOld(kept.At);
            _failures.Enqueue(kept);
            _failureBytes += kept.Bytes;
            while (_failures.Count > _options.MostFailures || _failureBytes > _options.MostFailureBytes) Drop();
        }
    }

    private void DropOld(DateTimeOffset now)
    {
        var oldest = now - _options.FailureMemory;
        while (_failures.TryPeek(out var first) && first.At < oldest) Drop();
        if (_failuresSince < oldest) _failuresSince = oldest;
    }

    private void Drop()
    {
        var gone = _failures.Dequeue();
        _failureBytes -= gone.Bytes;
        if (_failuresSince < gone.At) _failuresSince = gone.At;
    }

    // The slot that will be written next holds the oldest one; while it is empty nothing was ever forgotten.
    private DateTimeOffset RecentSince()
    {
        var next = Interlocked.Read(ref _written) % _recent.Length;
        return Volatile.Read(ref _recent[next]) is { } oldest ? oldest.At + oldest.Took : _started;
    }

    private readonly record struct Kept(JournalEntry Entry, DateTimeOffset At, int Bytes);
}
