using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Shield;

/// <summary>
/// Gives a client's re-send of a create the outcome of the first, if that did not reach the client, instead of a second run or version.
/// </summary>
/// <remarks>
/// MLflow's client sends a POST again after a 5xx, a time-out or a lost connection, up to seven times. Nothing in a re-send tells it from
/// a new create with equal bytes, so the shield does not try to recognise one. It keeps accounts: every outcome that was made and not
/// delivered is owed, and each owed outcome answers exactly one equal create. Of N equal creates of which k lose their answers, k outcomes
/// are owed; whichever k equal creates come next get one each, and every later one makes a new thing. Who gets which does not matter: the
/// requests were equal to the last byte, so are the things made, and each is given out once.
///
/// A create that enters:
/// 1. Is an outcome owed to an equal one? It takes the oldest, which is "being delivered" from then on. If that fails too it is owed again.
/// 2. Is an equal one in flight whose client is gone? It waits, for that one's outcome will be owed in a moment. When several wait for one,
///    the one that came first gets it - were it a later one, the first would be sent though
///    another outcome is about to be owed - and the others are sent. If the wait grows too long it is refused (503), and the client's next re-send waits again.
/// 3. Did an equal one come earlier whose client seems to be there, be it in flight, being delivered, or itself waiting? Perhaps the client
///    is not there: one that gave up re-sends at once, and the re-send overtakes the end of the old connection. It is held for a moment
///    (<see cref="ShieldOptions.Settle"/>), then 4.
/// 4. It is sent, registered as in flight.
///
/// A create that was sent:
/// 5. Its client goes before the answer: it flies on without one (2). The gateway lets it, up to the total deadline.
/// 6. It is answered 2xx. Delivered: forgotten. Not delivered: owed (1), for <see cref="ShieldOptions.Window"/>.
/// 7. It is answered otherwise, or it failed: nothing is owed. Equal ones that wait for it are sent.
/// 8. MLflow began a 2xx answer and broke it off, or it is too large to keep: owed without a body. The re-send is told that the thing was
///    made (<see cref="ShieldVerdict.Lost"/>): another would be a duplicate, and the first one's id is not known.
///
/// What can't be known, by anybody between client and MLflow:
/// - Whether a create was processed when its connection ended before any byte of the answer. Its re-send is sent, and may make a second one.
/// - Whether bytes that the load balancer's system has acknowledged reached the client. They count as delivered, unless it then resets the
///   connection within a second, without another request on it (<see cref="Deliveries"/>). If the client had the answer all the same, its next
///   equal create gets that answer again: between a second thing that nobody asked for and a first that is given twice, the shield errs so.
/// - Whether a client will re-send. If it does not, an equal create within the window gets the outcome that nobody waits for any more;
///   run creates hold their start in milliseconds, so a person's second attempt is not equal.
/// - What a gateway that was killed had in flight. Its entries lapse (<see cref="ShieldOptions.LongestFlight"/>) and re-sends are sent.
/// </remarks>
internal sealed class ReplayShield(IShieldStore store, ShieldOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>Header on an answer that another request got from MLflow: its value is that request's id.</summary>
    public const string ReplayedHeader = "X-Hokusai-Replayed";

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(1);

    /// <summary>How often what happened, since the start.</summary>
    public ShieldCounts Counts { get; } = new();

    /// <summary>Answers that were written and are not known to have arrived.</summary>
    public Deliveries Deliveries { get; } = new(time);

    /// <summary>Whether a create with a body of this size is shielded.</summary>
    public bool Covers(long bodyLength) => options.Enabled && bodyLength <= options.LargestRequest;

    /// <summary>Begins a create: says what to do with it, after waiting for an equal one if need be. End the ticket in any case.</summary>
    /// <param name="fingerprint">Of the request.</param>
    /// <param name="requestId">Of the request, unique among all gateways.</param>
    /// <param name="cancellation">The client went away; nothing of it remains then.</param>
    public async ValueTask<ShieldTicket> BeginAsync(Fingerprint fingerprint, string requestId, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (!cancellation.IsCancellationRequested)
        {
            while (Deliveries.IsUnclear(fingerprint) && time.GetElapsedTime(began) < options.Settle) await Task.Delay(LookAgain, time, CancellationToken.None);
            var elapsed = time.GetElapsedTime(began);
            var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var answer = await store.EnterAsync(fingerprint, requestId, mayHold: elapsed < options.Settle, changed);
            switch (answer.Verdict)
            {
                case EntryVerdict.Send:
                    return Ticket(fingerprint, requestId, ShieldVerdict.Send);
                case EntryVerdict.Replay:
                    return Replay(fingerprint, requestId, answer);
                case EntryVerdict.Wait when elapsed >= options.LongestWait:
                    Log.OutcomeStillOut(logger, requestId, elapsed.TotalSeconds);
                    Counts.CountStillOut();
                    await store.RemoveAsync(fingerprint, requestId);
                    return Ticket(fingerprint, requestId, ShieldVerdict.StillOut);
                default:
                    var limit = answer.Verdict == EntryVerdict.Wait ? options.LongestWait : options.Settle;
                    await WaitAsync(changed, limit - elapsed, cancellation);
                    break;
            }
        }
        await store.RemoveAsync(fingerprint, requestId);
        throw new OperationCanceledException(cancellation);
    }

    // One source for the change, the clock and the client: whichever comes first ends the wait, and nothing of it remains.
    private async Task WaitAsync(TaskCompletionSource changed, TimeSpan atMost, CancellationToken cancellation)
    {
        var length = store.PollEvery is { } poll && poll < atMost ? poll : atMost;
        await using var clock = time.CreateTimer(static source => ((TaskCompletionSource)source!).TrySetResult(), changed, length, Timeout.InfiniteTimeSpan);
        await using var client = cancellation.Register(static source => ((TaskCompletionSource)source!).TrySetResult(), changed);
        await changed.Task;
    }

    private ShieldTicket Replay(Fingerprint fingerprint, string requestId, EntryAnswer answer)
    {
        Log.OutcomeReplayed(logger, requestId, answer.Outcome!.RequestId);
        Counts.CountReplayed();
        var verdict = answer.Outcome.Body is null ? ShieldVerdict.Lost : ShieldVerdict.Replay;
        return new ShieldTicket(store, options, Counts, logger, fingerprint, answer.EntryId, verdict, answer.Outcome);
    }

    private ShieldTicket Ticket(Fingerprint fingerprint, string requestId, ShieldVerdict verdict) => new(store, options, Counts, logger, fingerprint, requestId, verdict, null);
}
