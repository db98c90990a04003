namespace Hokusai.Gateway.Shield;

/// <summary>What becomes of a create that enters, given what is known of equal ones.</summary>
internal enum EntryVerdict
{
    /// <summary>Send it. It is registered as in flight, if it could be.</summary>
    Send,

    /// <summary>An outcome is owed, and is this one's now: deliver it.</summary>
    Replay,

    /// <summary>One without a client is in flight: ask again when something has changed.</summary>
    Wait,

    /// <summary>One that came earlier has its client, as far as is known: ask again when something has changed, or soon.</summary>
    Hold,
}

/// <summary>Where a create stands.</summary>
internal enum EntryState
{
    /// <summary>Waiting or held, not sent yet.</summary>
    Held,

    /// <summary>In flight, its client there.</summary>
    Flying,

    /// <summary>In flight, its client gone.</summary>
    Orphaned,

    /// <summary>Its outcome is known and waits for a re-send.</summary>
    Owed,

    /// <summary>Its outcome is on its way to a re-send.</summary>
    Delivering,
}

/// <summary>The store's answer to a create that enters.</summary>
/// <param name="Verdict">What to do.</param>
/// <param name="EntryId">Whose outcome it is, with <see cref="EntryVerdict.Replay"/>.</param>
/// <param name="Outcome">The outcome, with <see cref="EntryVerdict.Replay"/>.</param>
internal readonly record struct EntryAnswer(EntryVerdict Verdict, string EntryId = "", ShieldedOutcome? Outcome = null);

/// <summary>
/// Where creates in flight and owed outcomes are known. Each method is atomic, also against other gateways that share the store.
/// </summary>
internal interface IShieldStore
{
    /// <summary>How often to ask again while waiting; null if <c>changed</c> tells.</summary>
    TimeSpan? PollEvery { get; }

    /// <summary>Lets a create in: takes the oldest owed outcome, or registers it as held or as in flight.</summary>
    /// <param name="fingerprint">Of the request.</param>
    /// <param name="id">Of the request.</param>
    /// <param name="mayHold">Whether <see cref="EntryVerdict.Hold"/> may be answered.</param>
    /// <param name="changed">Completed at the next change, if the answer is to wait or hold.</param>
    ValueTask<EntryAnswer> EnterAsync(Fingerprint fingerprint, string id, bool mayHold, TaskCompletionSource changed);

    /// <summary>Says where a create stands now. It need not be known.</summary>
    ValueTask PutAsync(Fingerprint fingerprint, string id, EntryState state, ShieldedOutcome? outcome = null);

    /// <summary>Forgets a create: its outcome was delivered, or there is none to deliver.</summary>
    ValueTask RemoveAsync(Fingerprint fingerprint, string id);
}
