using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Shield;

/// <summary>What to do with a create.</summary>
internal enum ShieldVerdict
{
    /// <summary>Send it, and tell the ticket what happens.</summary>
    Send,

    /// <summary>Answer with <see cref="ShieldTicket.Outcome"/>, and tell the ticket whether it was delivered.</summary>
    Replay,

    /// <summary>An equal one was processed and its answer lost: say so with a status that clients don't retry, and tell the ticket whether it was delivered.</summary>
    Lost,

    /// <summary>An equal one without a client is still in flight: 503 with <c>Retry-After</c>. Nothing was sent.</summary>
    StillOut,
}

/// <summary>What a failed create tells about the upstream.</summary>
internal enum ProcessedBy
{
    /// <summary>Provably not processed: nothing was written.</summary>
    Nobody,

    /// <summary>Can't be known.</summary>
    PerhapsUpstream,

    /// <summary>A 2xx answer had begun.</summary>
    Upstream,
}

/// <summary>
/// The account of one create. Thread-safe; its methods return at once and may be called from the callback of a cancellation.
/// Dispose it when both the upstream's part and the client's are over: what was not said by then counts as not delivered, not known.
/// </summary>
internal sealed class ShieldTicket(
    IShieldStore store, ShieldOptions options, ShieldCounts counts, ILogger logger, Fingerprint fingerprint, string entryId, ShieldVerdict verdict, ShieldedOutcome? outcome) : IDisposable
{
    private readonly Lock _lock = new();
    private ShieldedOutcome? _outcome = outcome;
    private bool _clientGone;
    private bool _left;
    private bool _ended = verdict == ShieldVerdict.StillOut;

    public ShieldVerdict Verdict => verdict;

    /// <summary>The outcome to answer with, with <see cref="ShieldVerdict.Replay"/>; without a body with <see cref="ShieldVerdict.Lost"/>.</summary>
    public ShieldedOutcome? Outcome { get; } = outcome;

    /// <summary>
    /// The client will not get the upstream's answer: it went away, or it got a 5xx of the gateway's while the upstream is still at work.
    /// Matters only before the answer: afterwards only who writes it knows whether it was delivered.
    /// </summary>
    public void ClientGone()
    {
        lock (_lock)
        {
            if (_ended || _clientGone || _outcome is not null) return;
            _clientGone = true;
            Put(EntryState.Orphaned, null);
        }
    }

    /// <summary>The upstream has answered, and all of its answer is here.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="contentType">Its body's type.</param>
    /// <param name="body">Its body, in an array that nobody uses again: it may be kept for minutes.</param>
    /// <returns>Whether there is still a client to write it to.</returns>
    public bool Answered(int status, string? contentType, ReadOnlyMemory<byte> body)
    {
        lock (_lock)
        {
            if (_ended || _outcome is not null) return !_clientGone;
            var answered = new ShieldedOutcome(entryId, status, contentType, body.Length <= options.LargestAnswer ? body : default(ReadOnlyMemory<byte>?));
            if (!answered.Created) Forget();
            else if (_clientGone) Owe(answered);
            else _outcome = answered;
            return !_clientGone;
        }
    }

    /// <summary>The upstream gave no answer, or not all of it.</summary>
    /// <param name="by">What that tells.</param>
    /// <param name="status">The status of an answer that had begun.</param>
    public void Failed(ProcessedBy by, int status = 200)
    {
        lock (_lock)
        {
            if (_ended || _outcome is not null) return;
            if (by == ProcessedBy.Upstream)
            {
                Log.OutcomeLost(logger, entryId);
                Owe(new ShieldedOutcome(entryId, status, null, null));
            }
            else
            {
                Forget();
            }
        }
    }

    /// <summary>The client got all of the answer.</summary>
    public void Delivered()
    {
        lock (_lock)
        {
            if (!_ended) Forget();
        }
    }

    /// <summary>
    /// The client did not get all of the answer. The last word counts: said after <see cref="Delivered"/> - the connection was reset with
    /// the answer unread - the outcome is owed after all, unless a re-send was faster than the news.
    /// </summary>
    public void Undelivered()
    {
        lock (_lock)
        {
            if (_outcome is not null) Owe(_outcome);
        }
        ClientGone();
    }

    /// <summary>Somebody else will say how it ended: <see cref="Dispose"/> does nothing from here on.</summary>
    public void LeaveOpen()
    {
        lock (_lock) _left = true;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_ended || _left) return;
            if (_outcome is not null) Owe(_outcome);
            else Forget();
        }
    }

    private void Owe(ShieldedOutcome owed)
    {
        _ended = true;
        // Given away: from here on it is the next re-send's, and saying "undelivered" twice must not owe it twice.
        _outcome = null;
        Log.OutcomeOwed(logger, owed.RequestId);
        counts.CountOwed();
        Put(EntryState.Owed, owed);
    }

    private void Forget()
    {
        _ended = true;
        _ = store.RemoveAsync(fingerprint, entryId).AsTask();
    }

    // Not awaited: a store answers for its own failures, and keeps the order in which it was told.
    private void Put(EntryState state, ShieldedOutcome? owed) => _ = store.PutAsync(fingerprint, entryId, state, owed).AsTask();
}
