using Hokusai.Contracts.Routing;
using Hokusai.Edge.Health;

namespace Hokusai.Tests.Edge.Balancing;

/// <summary>Who gets the next request.</summary>
public sealed class TargetSetTests
{
    private static readonly TargetGroup Slow = new() { Name = "api", Port = 80, HealthCheck = Groups.Check, SlowStart = TimeSpan.FromSeconds(100) };

    private readonly Groups _groups = new();

    [Fact]
    public void Choose_HealthyTargets_TakeTurns() => Assert.Equal("abcabca", Groups.Next(Groups.AllWell(_groups.Of(3)), 7));

    [Fact]
    public void Choose_EmptyGroup_IsNobody() => Assert.Equal("--", Groups.Next(_groups.Of(0), 2));

    [Fact]
    public void Choose_NobodyCheckedYet_IsAnybody() => Assert.Equal("abab", Groups.Next(_groups.Of(2), 4));

    [Fact]
    public void Choose_OneUnhealthy_IsLeftOutUntilItIsWell()
    {
        var group = Groups.AllWell(_groups.Of(3));
        Report(group, 1, CheckOutcome.Timeout, 2);
        Assert.DoesNotContain('b', Groups.Next(group, 6));
        Report(group, 1, CheckOutcome.Good, 3);
        Assert.Contains('b', Groups.Next(group, 3));
    }

    [Fact]
    public void Choose_AllUnhealthy_FailsOpen()
    {
        var group = Groups.AllWell(_groups.Of(2));
        Report(group, 0, CheckOutcome.Timeout, 2);
        Assert.Equal("bb", Groups.Next(group, 2));
        Report(group, 1, CheckOutcome.Timeout, 2);
        Assert.Equal("ab", string.Concat(Groups.Next(group, 2).Order()));
        Report(group, 0, CheckOutcome.Good, 3);
        Assert.Equal("aa", Groups.Next(group, 2));
    }

    [Fact]
    public void Choose_FewerWellThanTheGroupsLeast_FailsOpen()
    {
        var group = Groups.AllWell(_groups.Of(3, new TargetGroup { Name = "api", Port = 80, HealthCheck = Groups.Check, LeastHealthy = 2 }));
        Report(group, 0, CheckOutcome.Timeout, 2);
        Assert.Equal("bc", string.Concat(Groups.Next(group, 2).Order()));
        Report(group, 1, CheckOutcome.Timeout, 2);
        Assert.Equal("abc", string.Concat(Groups.Next(group, 3).Order()));
    }

    [Fact]
    public void Choose_LeastOutstanding_IsTheOneWithTheFewestUnderWay()
    {
        var group = Groups.AllWell(_groups.Of(3, new TargetGroup { Name = "api", Port = 80, HealthCheck = Groups.Check, Algorithm = BalancingAlgorithm.LeastOutstandingRequests }));
        for (var i = 0; i < 3; i++) group.Choose()!.Begin();
        Assert.Equal([1, 1, 1], group.Registered.Select(t => t.Outstanding));
        group.Registered[1].Begin();
        group.Registered[2].Begin();
        Assert.Equal("aaaa", Groups.Next(group, 4));
        group.End(group.Registered[2]);
        group.End(group.Registered[2]);
        Assert.Equal("cc", Groups.Next(group, 2));
    }

    [Fact]
    public void SlowStart_TargetThatJoins_GetsAShareThatGrows()
    {
        var drawn = new double[] { 0.255 };
        var group = Groups.AllWell(_groups.Of(2, Slow, new Drawn(drawn)));
        Assert.Equal("abab", Groups.Next(group, 4));
        var joined = group.Register(Groups.Address("c"))!;
        group.Report(joined, CheckOutcome.Good);

        Assert.DoesNotContain('c', Groups.Next(group, 6));
        _groups.Time.Advance(TimeSpan.FromSeconds(25));
        Assert.DoesNotContain('c', Groups.Next(group, 6));
        _groups.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains('c', Groups.Next(group, 6));
        drawn[0] = 0.999;
        Assert.DoesNotContain('c', Groups.Next(group, 6));
        _groups.Time.Advance(TimeSpan.FromSeconds(74));
        Assert.Contains('c', Groups.Next(group, 6));
    }

    [Fact]
    public void SlowStart_TargetThatWasUnhealthy_BeginsAnewUnlessNobodyElseIsWell()
    {
        var group = Groups.AllWell(_groups.Of(2, Slow, new Drawn(0.5)));
        Assert.All(group.Registered, t => Assert.Null(t.SlowSince));
        Report(group, 0, CheckOutcome.Timeout, 2);
        Report(group, 0, CheckOutcome.Good, 3);
        Assert.NotNull(group.Registered[0].SlowSince);
        Report(group, 0, CheckOutcome.Timeout, 2);
        Assert.Null(group.Registered[0].SlowSince);
        Report(group, 1, CheckOutcome.Timeout, 2);
        Report(group, 0, CheckOutcome.Good, 3);
        Assert.Null(group.Registered[0].SlowSince);
    }

    [Fact]
    public void Deregister_TargetWithRequests_DrainsUntilTheyEnd()
    {
        var group = Groups.AllWell(_groups.Of(2));
        var target = group.Registered[0];
        target.Begin();
        target.Begin();

        Assert.True(group.Deregister(Groups.Address("a")));
        Assert.False(group.Deregister(Groups.Address("a")));
        Assert.Equal("bb", Groups.Next(group, 2));
        Assert.Equal((TargetState.Draining, "Target.DeregistrationInProgress"), (group.Health[1].State, group.Health[1].Reason));
        group.End(target);
        Assert.Equal(2, group.Health.Count);
        group.End(target);
        Assert.Equal(TargetState.Healthy, Assert.Single(group.Health).State);
        Assert.False(target.Cut.IsCancellationRequested);
    }

    [Fact]
    public void Deregister_TargetWhoseRequestsDoNotEnd_CutsThemAfterTheDelay()
    {
        var group = Groups.AllWell(_groups.Of(1));
        var target = group.Registered[0];
        target.Begin();
        group.Deregister(Groups.Address("a"));

        _groups.Time.Advance(TimeSpan.FromSeconds(299));
        Assert.False(target.Cut.IsCancellationRequested);
        _groups.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(target.Cut.IsCancellationRequested);
        Assert.Empty(group.Health);
        Assert.Equal("-", Groups.Next(group, 1));
    }

    [Fact]
    public void Register_TargetThatDrains_IsANewOneBesideTheOld()
    {
        var group = Groups.AllWell(_groups.Of(2));
        group.Registered[0].Begin();
        group.Deregister(Groups.Address("a"));

        Assert.NotNull(group.Register(Groups.Address("a")));
        Assert.Null(group.Register(Groups.Address("a")));

        Assert.Equal([TargetState.Healthy, TargetState.Initial, TargetState.Draining], group.Health.Select(h => h.State));
        Assert.Equal("bb", Groups.Next(group, 2));
        group.Report(group.Registered[1], CheckOutcome.Good);
        Assert.Contains('a', Groups.Next(group, 2));
    }

    private static void Report(Hokusai.Edge.Balancing.TargetSet group, int target, CheckOutcome outcome, int times)
    {
        for (var i = 0; i < times; i++) group.Report(group.Registered[target], outcome);
    }
}
