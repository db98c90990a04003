using Hokusai.Storage;

namespace Hokusai.Serve;

/// <summary>Opens what a role stands on. Its database is waited for, within bounds.</summary>
/// <remarks>
/// A database may be away for a minute, in a failover or because it starts together with this role. Ending at once would have whoever
/// started the role count it as broken: ECS gives a deployment up after a few such tasks.
/// </remarks>
internal static class Opening
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    /// <summary>Opens a role's server, and tries again while its database is away.</summary>
    /// <exception cref="CommandFailure">Something that it needs can't be reached or used.</exception>
    public static async Task<T> RunAsync<T>(string role, Func<Task<T>> open, RoleSurroundings around, CancellationToken cancellation)
    {
        var log = around.Loggers.CreateLogger("Hokusai");
        var began = around.Time.GetTimestamp();
        for (var told = false; ;)
        {
            TimeSpan Waited() => around.Time.GetElapsedTime(began);
            try
            {
                var opened = await open();
                if (told) RoleLog.DatabaseIsThere(log, role, Waited().TotalSeconds);
                return opened;
            }
            catch (StorageException e) when (e.IsTransient && Waited() < around.StartWait)
            {
                if (!told) RoleLog.DatabaseIsAway(log, role, e.Message, around.StartWait.TotalSeconds);
                told = true;
            }
            catch (Exception e) when (e is StorageException or IOException or InvalidDataException or UnauthorizedAccessException)
            {
                throw CommandFailure.Unreachable(told ? $"{role}: {e.Message} (tried for {Waited().TotalSeconds:0} s)" : $"{role}: {e.Message}");
            }
            // Never less than nothing, though time has passed since it was compared.
            var left = Math.Clamp((around.StartWait - Waited()).Ticks, 0, Pace.Ticks);
            await Task.Delay(TimeSpan.FromTicks(left), around.Time, cancellation);
        }
    }
}
