namespace Hokusai.SystemTests.Fixtures;

/// <summary>A clock that stands still until it is put forward by hand; timers run as ever.</summary>
internal sealed class HeldTime(DateTimeOffset start) : TimeProvider
{
    private const int NanosecondsPerTick = 100;
    private const int MostSteps = 5;

    // By the real clock: for timers that look at this one, and for what follows.
    private static readonly TimeSpan StepWait = TimeSpan.FromSeconds(4);

    private long _ticks;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    /// <summary>
    /// Puts the clock forward until something has ended. More than once, as whoever waits for the clock may have looked at it after the first time; and a few
    /// times only, as a deadline that is far too long would pass too if the clock went on and on.
    /// </summary>
    public async Task AdvanceUntilAsync(Task ended, TimeSpan by)
    {
        for (var step = 0; step < MostSteps && !ended.IsCompleted; step++)
        {
            Advance(by);
            await Task.WhenAny(ended, Task.Delay(StepWait, TimeProvider.System, TestContext.Current.CancellationToken));
        }
        Assert.True(ended.IsCompleted, $"what waits for the clock has not ended in {MostSteps * by}");
    }

    public override DateTimeOffset GetUtcNow() => start.AddTicks(Interlocked.Read(ref _ticks));

    public override long TimestampFrequency => TimeSpan.TicksPerSecond * NanosecondsPerTick;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks) * NanosecondsPerTick;
}
