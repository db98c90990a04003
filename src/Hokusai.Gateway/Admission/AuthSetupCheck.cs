using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Admission;

/// <summary>
/// Looks at start whether the auth service is the one that was meant and takes questions as they are asked, and again until it is so. The
/// mistakes that are made when the two are put together look to every client like a bad key or an outage.
/// </summary>
/// <remarks>
/// Once it was so, it counts as so for good: an outage later must not turn readiness, or the load balancer would take out every gateway at
/// once while they could still serve the keys that they know. A gateway that never reached the auth service can serve nobody, and is not ready.
/// </remarks>
internal sealed class AuthSetupCheck(AuthClient auth, GatewayOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private Task<AuthSetup>? _probe;
    private long _probedAt;
    private AuthSetup? _last;
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = Task.Run(LoopAsync);

    /// <summary>What is known, asking if that was not good and is not new.</summary>
    public Task<AuthSetup> GetAsync()
    {
        lock (_lock)
        {
            if (_last is { IsGood: true }) return Task.FromResult(_last);
            if (_probe is { IsCompleted: false } || (_probe is not null && time.GetElapsedTime(_probedAt) < LeastInterval)) return _probe;
            _probedAt = time.GetTimestamp();
            return _probe = ProbeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        if (_probe is not null) await _probe;
        _stop.Dispose();
    }

    private async Task LoopAsync()
    {
        try
        {
            while (!(await GetAsync()).IsGood) await Task.Delay(Interval, time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private async Task<AuthSetup> ProbeAsync()
    {
        var found = await auth.ProbeAsync();
        var before = _last;
        _last = found;
        if (found == before) return found;
        if (found.IsGood) Log.AuthServiceFits(logger, options.AuthService, options.ServiceId);
        else if (found.IsAway) Log.AuthServiceAway(logger, options.AuthService, found.State);
        else Log.AuthServiceMisfits(logger, options.AuthService, found.State, found.Remedy!);
        return found;
    }
}
