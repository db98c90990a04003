using Hokusai.Edge.Health;

namespace Hokusai.Tests.Edge.Health;

/// <summary>The states of a target, with 3 good answers to be well again and 2 failures to be unhealthy.</summary>
public sealed class HealthRecordTests
{
    [Theory]
    [InlineData("", TargetState.Initial)]
    [InlineData("+", TargetState.Healthy)]
    [InlineData("-", TargetState.Initial)]
    [InlineData("-+", TargetState.Healthy)]
    [InlineData("--", TargetState.Unhealthy)]
    [InlineData("--+", TargetState.Unhealthy)]
    [InlineData("--++", TargetState.Unhealthy)]
    [InlineData("--+++", TargetState.Healthy)]
    [InlineData("--++-+++", TargetState.Healthy)]
    [InlineData("--++-++", TargetState.Unhealthy)]
    [InlineData("+-", TargetState.Healthy)]
    [InlineData("+-+-", TargetState.Healthy)]
    [InlineData("+--", TargetState.Unhealthy)]
    public void Record_AnswersInARow_GiveTheState(string answers, TargetState expected)
    {
        var record = new HealthRecord(Groups.Check, used: true);
        foreach (var answer in answers)
        {
            var before = record.State;
            Assert.Equal(record.Record(answer == '+' ? CheckOutcome.Good : CheckOutcome.Timeout), record.State != before);
        }

        Assert.Equal(expected, record.State);
        Assert.Equal(expected == TargetState.Healthy, record.IsFit);
    }

    [Fact]
    public void Reason_OfEachState_IsTheLoadBalancers()
    {
        var record = new HealthRecord(Groups.Check, used: true);
        Assert.Equal("Elb.RegistrationInProgress", record.Reason);
        record.Record(CheckOutcome.Failed);
        Assert.Equal("Elb.InitialHealthChecking", record.Reason);
        record.Record(CheckOutcome.Failed);
        Assert.Equal("Target.FailedHealthChecks", record.Reason);
        record.Record(CheckOutcome.Mismatch(503));
        Assert.Equal(("Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]"), (record.Reason, record.Description));
        record.Record(CheckOutcome.Timeout);
        Assert.Equal("Target.Timeout", record.Reason);
        for (var i = 0; i < 3; i++) record.Record(CheckOutcome.Good);
        Assert.Equal("", record.Reason);
        record.Drain();
        Assert.Equal((TargetState.Draining, "Target.DeregistrationInProgress", false), (record.State, record.Reason, record.Record(CheckOutcome.Good)));
    }

    [Fact]
    public void State_WithoutChecksOrRules_StaysWhatItIs()
    {
        var bare = new HealthRecord(null, used: true);
        var unused = new HealthRecord(Groups.Check, used: false);

        Assert.False(bare.Record(CheckOutcome.Timeout) || unused.Record(CheckOutcome.Good));
        Assert.Equal((TargetState.Unavailable, "Target.HealthCheckDisabled", true), (bare.State, bare.Reason, bare.IsFit));
        Assert.Equal((TargetState.Unused, "Target.NotInUse", false), (unused.State, unused.Reason, unused.IsFit));
    }
}
