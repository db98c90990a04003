namespace Hokusai.SystemTests.Fixtures;

/// <summary>A clock that stands still until it is put forward by hand; timers run as ever.</summary>
internal sealed class HeldTime(DateTimeOffset start) : TimeProvider
{
    private const int NanosecondsPerTick = 100;

    private long _ticks;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    /// <summary>Puts the clock forward until something has ended: whoever waits for the clock may have looked at it after the first time.</summary>
    public Task AdvanceUntilAsync(Task ended, TimeSpan by) => Until.TrueAsync("what waits for the clock has ended", TimeSpan.FromSeconds(20), () =>
    {
        if (ended.IsCompleted) return true;
        Advance(by);
        return false;
    });

    public override DateTimeOffset GetUtcNow() => start.AddTicks(Interlocked.Read(ref _ticks));

    public override long TimestampFrequency => TimeSpan.TicksPerSecond * NanosecondsPerTick;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks) * NanosecondsPerTick;
}
