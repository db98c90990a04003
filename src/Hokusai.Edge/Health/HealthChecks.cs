using Hokusai.Contracts.Routing;
using Hokusai.Edge.Balancing;

namespace Hokusai.Edge.Health;

/// <summary>Checks each target again and again, one loop a target, from its registration until it is taken out.</summary>
/// <param name="check">Checks a target once.</param>
/// <param name="time">The clock.</param>
internal sealed class HealthChecks(Func<TargetAddress, HealthCheck, CancellationToken, Task<CheckOutcome>> check, TimeProvider time) : IAsyncDisposable
{
    /// <summary>The name under which the load balancer asks.</summary>
    public const string UserAgent = "ELB-HealthChecker/2.0";

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _loops = [];

    /// <summary>Begins to check a target of a group that is checked and used.</summary>
    public void Begin(TargetSet group, Target target)
    {
        if (group.Group.HealthCheck is not { } how || target.Health.State == TargetState.Unused) return;
        lock (_gate)
        {
            _loops.RemoveAll(l => l.IsCompleted);
            _loops.Add(RunAsync(group, target, how));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] loops;
        lock (_gate) loops = [.. _loops];
        await Task.WhenAll(loops);
        _stop.Dispose();
    }

    private async Task RunAsync(TargetSet group, Target target, HealthCheck how)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, target.Deregistered);
        // Ticks come at the interval whatever the answers take, as at the load balancer.
        using var timer = new PeriodicTimer(how.Interval, time);
        try
        {
            do group.Report(target, await check(target.Address, how, ended.Token));
            while (await timer.WaitForNextTickAsync(ended.Token));
        }
        catch (OperationCanceledException)
        {
            // The target was taken out, or the edge ends.
        }
    }
}
