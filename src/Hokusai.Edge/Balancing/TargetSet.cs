using Hokusai.Contracts.Routing;
using Hokusai.Edge.Health;
using Microsoft.Extensions.Logging;

namespace Hokusai.Edge.Balancing;

/// <summary>The targets of a group: who is in it, who is well, who gets the next request.</summary>
/// <remarks>Source: AWS, "Target groups for your Application Load Balancers" and "Target group health".</remarks>
internal sealed class TargetSet : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RoundRobin? _roundRobin;
    private readonly LeastOutstanding? _leastOutstanding;
    private readonly bool _used;
    private readonly List<Target> _draining = [];
    private Target[] _registered;
    private volatile Target[] _eligible = [];
    private bool _inNeed;

    public TargetSet(TargetGroup group, IEnumerable<TargetAddress> addresses, bool used, TimeProvider time, Random random, ILogger logger)
    {
        (Group, _used, _time, _logger) = (group, used, time, logger);
        if (group.Algorithm == BalancingAlgorithm.LeastOutstandingRequests) _leastOutstanding = new LeastOutstanding();
        else _roundRobin = new RoundRobin(group.SlowStart, time, random);
        _registered = [.. addresses.Select(a => Make(a, founding: true))];
        Sort();
    }

    public TargetGroup Group { get; }

    /// <summary>The targets that are in the group, without those that drain.</summary>
    public IReadOnlyList<Target> Registered => _registered;

    /// <summary>How all targets are, those that drain included.</summary>
    public IReadOnlyList<TargetHealth> Health
    {
        get
        {
            lock (_gate) return [.. _registered.Concat(_draining).Select(t => new TargetHealth(Group.Name, t.Address.Url, t.Health.State, t.Health.Reason, t.Health.Description))];
        }
    }

    /// <summary>Who gets the next request. The caller says when it begins and ends.</summary>
    /// <returns>The target; null if there is none.</returns>
    public Target? Choose()
    {
        var eligible = _eligible;
        return eligible.Length switch
        {
            0 => null,
            1 => eligible[0],
            _ => _roundRobin?.Choose(eligible) ?? _leastOutstanding!.Choose(eligible),
        };
    }

    /// <summary>A request that a target got has ended. The last one ends the draining of its target, whatever is left of the delay.</summary>
    public void End(Target target)
    {
        if (target.End() == 0 && target.Deregistered.IsCancellationRequested) Forget(target);
    }

    /// <summary>Adds a target.</summary>
    /// <returns>The target; null if it is there already.</returns>
    public Target? Register(TargetAddress address)
    {
        lock (_gate)
        {
            if (Array.Exists(_registered, t => t.Address == address)) return null;
            var target = Make(address, founding: _registered.Length == 0);
            _registered = [.. _registered, target];
            Sort();
            return target;
        }
    }

    /// <summary>Takes a target out: no request begins any more, those under way may go on for the deregistration delay.</summary>
    /// <returns>False if it is not there.</returns>
    public bool Deregister(TargetAddress address)
    {
        Target target;
        lock (_gate)
        {
            if (Array.Find(_registered, t => t.Address == address) is not { } found) return false;
            target = found;
            _registered = [.. _registered.Where(t => t != target)];
            _draining.Add(target);
            target.Health.Drain();
            target.DrainTimer = _time.CreateTimer(_ => CutOff(target), null, Group.DeregistrationDelay, Timeout.InfiniteTimeSpan);
            Sort();
        }
        Log.TargetDrains(_logger, Group.Name, address.Url, target.Outstanding, Group.DeregistrationDelay);
        target.Deregister();
        if (target.Outstanding == 0) Forget(target);
        return true;
    }

    /// <summary>Takes in what a check of a target came to.</summary>
    public void Report(Target target, CheckOutcome outcome)
    {
        lock (_gate)
        {
            var before = target.Health.State;
            if (!target.Health.Record(outcome)) return;
            if (target.Health.IsFit) BeginSlowStart(target);
            else target.SlowSince = null;
            // What is well from the start is no news.
            Log.TargetChanged(_logger, target.Health.IsFit ? before == TargetState.Initial ? LogLevel.Debug : LogLevel.Information : LogLevel.Warning, Group.Name, target.Address.Url, before, target.Health.State, target.Health.Reason, target.Health.Description);
            Sort();
        }
    }

    public void Dispose()
    {
        foreach (var target in _registered.Concat(_draining)) target.Dispose();
    }

    private Target Make(TargetAddress address, bool founding) => new(address, new HealthRecord(Group.HealthCheck, _used), founding);

    // Slow start spares a target that joins others; where all are new there is nobody to take its share meanwhile.
    private void BeginSlowStart(Target target)
    {
        var joins = !target.IsFounding && Array.Exists(_registered, t => t != target && t.Health.IsFit && (t.SlowSince is not { } since || _roundRobin?.Share(since) >= 1));
        target.SlowSince = joins && Group.SlowStart > TimeSpan.Zero ? _time.GetTimestamp() : null;
        target.IsFounding = false;
    }

    // Fail open: where fewer are well than the group's least, all that are registered get requests, also those that are new.
    private void Sort()
    {
        var fit = Array.FindAll(_registered, t => t.Health.IsFit);
        var failsOpen = fit.Length < Group.LeastHealthy;
        _eligible = failsOpen ? _registered : fit;
        // At the start all are new, which is no news.
        var inNeed = failsOpen && Array.Exists(_registered, t => t.Health.State == TargetState.Unhealthy);
        if (inNeed != _inNeed) Log.FailOpen(_logger, Group.Name, inNeed ? "too few targets are healthy, all get requests" : "enough targets are healthy again", fit.Length, _registered.Length);
        _inNeed = inNeed;
    }

    private void CutOff(Target target)
    {
        if (target.Outstanding > 0) Log.TargetCut(_logger, Group.Name, target.Address.Url, target.Outstanding);
        target.CutOff();
        Forget(target);
    }

    private void Forget(Target target)
    {
        lock (_gate)
        {
            if (!_draining.Remove(target)) return;
            target.DrainTimer?.Dispose();
        }
    }
}
