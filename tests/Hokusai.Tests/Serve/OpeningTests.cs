using Hokusai.Serve;
using Hokusai.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Serve;

public sealed class OpeningTests
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new();
    private int _tries;

    [Fact]
    public async Task Run_DatabaseThatComesBack_IsOpened()
    {
        var opening = RunAsync(90, () => _tries < 4 ? throw Away(transient: true) : "open", TestContext.Current.CancellationToken);

        for (var i = 0; i < 3; i++)
        {
            Assert.False(opening.IsCompleted);
            _time.Advance(Pace);
        }

        Assert.Equal("open", await opening);
        Assert.Equal(4, _tries);
    }

    [Theory]
    [InlineData(0, 1, "keys: away")]
    [InlineData(10, 6, "keys: away (tried for 10 s)")]
    [InlineData(1, 2, "keys: away (tried for 1 s)")]
    public async Task Run_DatabaseThatStaysAway_EndsInTime(int seconds, int tries, string message)
    {
        var opening = RunAsync(seconds, () => throw Away(transient: true), TestContext.Current.CancellationToken);
        for (var i = 0; i < tries - 1; i++)
        {
            Assert.False(opening.IsCompleted);
            _time.Advance(seconds < Pace.TotalSeconds ? TimeSpan.FromSeconds(seconds) : Pace);
        }

        var failure = await Assert.ThrowsAsync<CommandFailure>(() => opening);
        Assert.Equal((ExitCodes.Unreachable, message, tries), (failure.ExitCode, failure.Message, _tries));
    }

    [Fact]
    public async Task Run_FaultThatTimeDoesNotMend_EndsAtOnce()
    {
        var failure = await Assert.ThrowsAsync<CommandFailure>(() => RunAsync(90, () => throw Away(transient: false), TestContext.Current.CancellationToken));

        Assert.Equal((ExitCodes.Unreachable, "keys: away", 1), (failure.ExitCode, failure.Message, _tries));
    }

    [Fact]
    public async Task Run_StopWhileItWaits_Ends()
    {
        using var stop = new CancellationTokenSource();
        var opening = RunAsync(90, () => throw Away(transient: true), stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
    }

    private Task<string> RunAsync(int seconds, Func<string> open, CancellationToken cancellation) => Opening.RunAsync(
        "keys",
        () =>
        {
            _tries++;
            return Task.FromResult(open());
        },
        new RoleSurroundings(_time, NullLoggerFactory.Instance, TimeSpan.Zero) { StartWait = TimeSpan.FromSeconds(seconds) },
        cancellation);

    private static StorageException Away(bool transient) => new("away", transient);
}
