using System.Globalization;
using Hokusai.Keys.Store;
using Hokusai.Keys.Uses;
using Hokusai.Keys.Validation;
using Hokusai.Storage;
using Microsoft.Extensions.Logging;

namespace Hokusai.Keys.LifeCycle;

/// <summary>What has to be done without anybody asking: rotations end, keys that end soon are logged, noted uses are written.</summary>
internal sealed class KeyLifeCycle(KeyStore store, UseBook uses, ChangesEndpoint changes, KeysOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>How often it is looked. The validity of a key does not wait for it: that is asked of the clock each time.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await OnceAsync(stopping);
                await Task.Delay(Pause, time, stopping);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (StorageException e)
            {
                Log.LifeCycleWaits(logger, e, e.Message);
                await Task.Delay(Pause, time, stopping).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
    }

    public async Task OnceAsync(CancellationToken cancellation)
    {
        // Uses first: a key that was just asked for is not silent.
        if (uses.Take() is { Count: > 0 } noted) await store.RecordUsesAsync(noted, cancellation);
        var ended = await store.EndRotationsAsync(options.RotationSilence, cancellation);
        if (ended.Count > 0) changes.Signal();
        foreach (var key in await store.TakeExpiringAsync(KeysServer.ExpiryWarning, cancellation))
            Log.Expiring(logger, key.Id, key.Display, key.Terms.UserId, key.Terms.Expires!.Value.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
    }
}
