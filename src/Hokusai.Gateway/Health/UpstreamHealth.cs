using Hokusai.Gateway.Discovery;
using Hokusai.Gateway.Forwarding.Http1;

namespace Hokusai.Gateway.Health;

/// <summary>
/// Asks every address of the upstream for its health every few seconds: an address that was left out comes back as soon as it answers,
/// and what nobody has used for a while is known to be dead before somebody does.
/// </summary>
internal sealed class UpstreamHealth(GatewayOptions options, UpstreamAddresses addresses, UpstreamPools pools, Action recovered, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    // While nothing answers, more often: how long the upstream stays unserved after its return is this long.
    private static readonly TimeSpan IntervalWhenDown = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly Uri _upstream = new(options.Upstream);
    private Task _loop = Task.CompletedTask;

    /// <summary>How it answered last.</summary>
    public DependencyWatch Watch { get; } = new("mlflow", time);

    public void Start() => _loop = Task.Run(LoopAsync);

    /// <summary>Asks all addresses now.</summary>
    /// <returns>Whether at least one is well.</returns>
    public async Task<bool> ProbeAsync(CancellationToken cancellation)
    {
        var known = await addresses.GetAsync(cancellation);
        if (known.Addresses.Count == 0)
        {
            Watch.Failed(known.LastError ?? "no address is known");
            return false;
        }
        var started = time.GetTimestamp();
        var answers = await Task.WhenAll(known.Addresses.Select(async address => (Address: address, Well: await UpstreamProbe.IsHealthyAsync(_upstream, address, Deadline, time, cancellation))));
        foreach (var (address, well) in answers) pools.Note(address, well);
        var wellNow = answers.Count(a => a.Well);
        var isBack = wellNow > 0 && Watch.IsDown;
        if (wellNow == answers.Length) Watch.Succeeded(time.GetElapsedTime(started));
        else if (wellNow > 0) Watch.Degraded($"{wellNow} of {answers.Length} addresses answer");
        else Watch.Failed("no address answers its health check");
        if (isBack) recovered();
        return wellNow > 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task LoopAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Watch.IsDown ? IntervalWhenDown : Interval, time, _stop.Token);
                await ProbeAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                // Stopped, or the name did not resolve in time; the loop's condition tells.
            }
        }
    }
}
