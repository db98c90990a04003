namespace Hokusai.SystemTests.Fixtures;

/// <summary>A clock that stands still until it is put forward by hand; timers run as ever.</summary>
internal sealed class HeldTime(DateTimeOffset start) : TimeProvider
{
    private const int NanosecondsPerTick = 100;

    private long _ticks;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => start.AddTicks(Interlocked.Read(ref _ticks));

    public override long TimestampFrequency => TimeSpan.TicksPerSecond * NanosecondsPerTick;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks) * NanosecondsPerTick;
}
