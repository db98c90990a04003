using System.Globalization;
using Hokusai.Keys.Store;
using Hokusai.Keys.Uses;
using Hokusai.Keys.Validation;
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
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The next round tries again; nothing may end the rounds.
                Log.LifeCycleWaits(logger, e, e.Message);
            }
            await Task.Delay(Pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async Task OnceAsync(CancellationToken cancellation)
    {
        // Uses first: a key that was just asked for is not silent.
        await WriteUsesAsync(cancellation);
        var ended = await store.EndRotationsAsync(options.RotationSilence, cancellation);
        if (ended.Count > 0) changes.Signal();
        foreach (var key in await store.TakeExpiringAsync(KeysServer.ExpiryWarning, cancellation))
            Log.Expiring(logger, key.Id, key.Display, key.Terms.UserId, key.Terms.Expires!.Value.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
    }

    private async Task WriteUsesAsync(CancellationToken cancellation)
    {
        if (uses.Take() is not { Count: > 0 } noted) return;
        try
        {
            await store.RecordUsesAsync(noted, cancellation);
        }
        catch
        {
            uses.PutBack(noted);
            throw;
        }
    }
}
