namespace Hokusai.SystemTests.Fixtures;

/// <summary>The system's clock, except that timers run ten times as long: for tests in which no deadline of the product may pass, however slow the machine is.</summary>
internal sealed class PatientTime : TimeProvider
{
    private const int Factor = 10;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, Longer(dueTime), Longer(period));

    private static TimeSpan Longer(TimeSpan time) => time > TimeSpan.Zero ? time * Factor : time;
}
