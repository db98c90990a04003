using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Admission;

/// <summary>Follows the auth service's list of changed keys, so that a revocation takes effect at once and not when a remembered verdict ends.</summary>
internal sealed class RevocationFeed(AuthClient auth, KeyVerdicts verdicts, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = Task.Run(() => FollowAsync(_stop.Token));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        var revision = -1L;
        var connected = false;
        var told = false;
        while (!stop.IsCancellationRequested)
        {
            var asked = time.GetTimestamp();
            try
            {
                if (await auth.ChangesAsync(revision, stop) is not { } changes)
                {
                    // Perhaps never, perhaps only while a load balancer in between has no target: asked again now and then.
                    if (!told) Log.NoRevocationFeed(logger);
                    told = true;
                    connected = false;
                    await Task.Delay(AskAgain, time, stop);
                    continue;
                }
                if (!connected) Log.RevocationFeedConnected(logger, changes.Revision);
                connected = true;
                // From the first answer on nothing is missed: the revision says where the list was read up to.
                // What was revoked before it is in no list, so what was learned until then is not relied upon.
                if (revision < 0) verdicts.Forget(null);
                else if (changes.KeyIds is null or { Count: > 0 }) verdicts.Forget(changes.KeyIds);
                revision = changes.Revision;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or IOException)
            {
                if (stop.IsCancellationRequested) return;
                if (connected) Log.RevocationFeedLost(logger, e.Message);
                connected = false;
            }
            // Neither a service that is away nor one that answers at once without a change is asked in a circle.
            if (time.GetElapsedTime(asked) < Pause) await Task.Delay(Pause, time, stop).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }
}
