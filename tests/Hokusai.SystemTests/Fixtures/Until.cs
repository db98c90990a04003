namespace Hokusai.SystemTests.Fixtures;

/// <summary>Waiting for what no event tells of, such as a file that another process makes. With a deadline always.</summary>
internal static class Until
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    /// <summary>Looks again and again.</summary>
    /// <param name="what">What is waited for, to be told if it never comes.</param>
    /// <param name="deadline">How long at the most.</param>
    /// <param name="holds">Whether it is so.</param>
    public static Task TrueAsync(string what, TimeSpan deadline, Func<bool> holds) => TrueAsync(what, deadline, () => Task.FromResult(holds()));

    /// <inheritdoc cref="TrueAsync(string, TimeSpan, Func{bool})"/>
    public static async Task TrueAsync(string what, TimeSpan deadline, Func<Task<bool>> holdsAsync)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await holdsAsync())
        {
            if (TimeProvider.System.GetElapsedTime(begun) > deadline) throw new TimeoutException($"{what}: not within {deadline.TotalSeconds} s");
            await Task.Delay(Pace, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
