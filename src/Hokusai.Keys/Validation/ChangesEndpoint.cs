using System.Globalization;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Store;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Keys.Validation;

/// <summary><c>GET /api/v1/keys/changes?after=N</c>: answers as soon as a key changed, or after a while without a change (long poll).</summary>
internal sealed class ChangesEndpoint(KeyStore store, TimeProvider time)
{
    /// <summary>Below the 60 s after which load balancers cut what is silent.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(25);

    // Another process may have written the change, so the database is asked again even without a signal from this one.
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(1);

    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Wakes those who wait: a key was changed by this process.</summary>
    public void Signal() => Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    public async Task HandleAsync(HttpContext http, CancellationToken stopping)
    {
        var after = long.TryParse(http.Request.Query["after"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : -1;
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        var changes = await WaitAsync(after, gone.Token);
        await Reply.JsonAsync(http, StatusCodes.Status200OK, changes, KeyValidationJson.Default.KeyChanges);
    }

    private async Task<KeyChanges> WaitAsync(long after, CancellationToken gone)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var signal = _changed.Task;
            var changes = await store.ChangesAsync(after, CancellationToken.None);
            if (after < 0 || changes.KeyIds is null or { Count: > 0 } || gone.IsCancellationRequested || time.GetElapsedTime(started) > LongestWait) return changes;
            await Task.WhenAny(signal, Task.Delay(Recheck, time, gone));
        }
    }
}
