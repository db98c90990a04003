using System.Text.Json;
using Hokusai.Contracts.Keys;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Admission;

/// <summary>
/// Follows the auth service's list of changed keys, so that a revocation takes effect at once and not when a remembered verdict ends.
/// </summary>
/// <remarks>
/// Changes are pushed by a long poll. A push channel that was cut without a word looks like one that has nothing to tell, so the list's
/// number is also asked for every <see cref="PollEvery"/>; if that brings no answer, verdicts are in doubt until it does.
/// In the worst case a revocation takes effect <see cref="PollEvery"/> and <see cref="PollDeadline"/> later.
/// </remarks>
internal sealed class RevocationFeed(AuthClient auth, KeyVerdicts verdicts, Action recovered, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const long Unknown = -1;

    private static readonly TimeSpan LongPollDeadline = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan PollDeadline = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _applying = new();
    private Task _push = Task.CompletedTask;
    private Task _poll = Task.CompletedTask;
    private long _revision = Unknown;
    private bool _isFollowed;
    private bool _isLost;
    private volatile bool _toldMissing;

    public void Start()
    {
        _push = Task.Run(() => RepeatAsync(PushedAsync, static elapsed => elapsed < Pause ? Pause : TimeSpan.Zero));
        _poll = Task.Run(() => RepeatAsync(PolledAsync, static _ => PollEvery));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_push, _poll);
        _stop.Dispose();
    }

    // Neither a service that is away nor one that answers at once without a change is asked in a circle.
    private async Task RepeatAsync(Func<Task> ask, Func<TimeSpan, TimeSpan> pause)
    {
        try
        {
            while (true)
            {
                var asked = time.GetTimestamp();
                await ask();
                // Perhaps never offered, perhaps only while a load balancer in between has no target: asked again now and then.
                await Task.Delay(_toldMissing ? AskAgain : pause(time.GetElapsedTime(asked)), time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The end.
        }
    }

    private async Task PushedAsync()
    {
        var after = Interlocked.Read(ref _revision);
        // That nothing comes is the poll's to judge.
        if (await AskAsync(after, LongPollDeadline) is { Changes: { } changes }) Apply(after, changes);
    }

    private async Task PolledAsync()
    {
        var known = Interlocked.Read(ref _revision);
        // Without a number the list does not wait for a change, and tells where it is.
        var (now, failure) = await AskAsync(Unknown, PollDeadline);
        if (known == Unknown && now is not null) Apply(Unknown, now);
        else if (now is not null && now.Revision != known)
        {
            (now, failure) = await AskAsync(known, PollDeadline);
            if (now is not null) Apply(known, now);
        }
        if (now is not null) Found();
        else if (failure is not null) Lost(failure);
        else Missing();
    }

    private async Task<(KeyChanges? Changes, string? Failure)> AskAsync(long after, TimeSpan deadline)
    {
        try
        {
            return (await auth.ChangesAsync(after, deadline, _stop.Token), null);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or IOException)
        {
            return (null, e is OperationCanceledException ? "no answer in time" : e.Message);
        }
    }

    private void Apply(long after, KeyChanges changes)
    {
        lock (_applying)
        {
            // From the first answer on nothing is missed: the revision says where the list was read up to.
            // What was revoked before it is in no list, so what was learned until then is not relied upon.
            if (_revision == Unknown) verdicts.Forget(null);
            else if (changes.KeyIds is null or { Count: > 0 }) verdicts.Forget(changes.KeyIds);
            if (after == _revision) Interlocked.Exchange(ref _revision, changes.Revision);
        }
    }

    private void Found()
    {
        _toldMissing = false;
        if (_isFollowed && !_isLost) return;
        Log.RevocationFeedConnected(logger, Interlocked.Read(ref _revision));
        (_isFollowed, _isLost) = (true, false);
        verdicts.Trust();
        recovered();
    }

    // A service that never had such a list is no loss; one that had it is not what it was.
    private void Missing()
    {
        if (_isFollowed)
        {
            Lost("changes answered 404");
            return;
        }
        if (!_toldMissing) Log.NoRevocationFeed(logger);
        _toldMissing = true;
        verdicts.Trust();
    }

    private void Lost(string reason)
    {
        _toldMissing = false;
        if (_isLost) return;
        Log.RevocationFeedLost(logger, reason);
        _isLost = true;
        verdicts.Doubt();
    }
}
