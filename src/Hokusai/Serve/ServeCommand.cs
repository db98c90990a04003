using System.CommandLine;
using System.Globalization;

namespace Hokusai.Serve;

/// <summary><c>hokusai serve ROLE</c>: one role, configured by file, environment and flags.</summary>
internal static class ServeCommand
{
    public static Command Create() => new("serve", "run one role")
    {
        ServeEdge.Create(),
        ServeGateway.Create(),
        ServeKeys.Create(),
        ServeTracking.Create(),
    };

    public static Option<string> Host() => new("--host", "-h") { Description = "address to listen on", DefaultValueFactory = _ => "127.0.0.1" };

    public static Option<int> Port(int standard) => new("--port", "-p") { Description = "port to listen on; 0 takes a free one", DefaultValueFactory = _ => standard };

    public static Option<string?> Config() => new("--config") { Description = "settings file (default: hokusai.json in the current folder, if there is one)" };

    /// <summary>The flag of roles with a database. Its default is longer than most failovers take, and shorter than ECS waits for a task to become healthy.</summary>
    public static Option<int> StartWait()
    {
        var wait = new Option<int>("--start-wait") { Description = "seconds for which a PostgreSQL server that is away at the start is tried again; 0 ends at once", DefaultValueFactory = _ => 90 };
        wait.Validators.Add(result =>
        {
            // What is no number the parser refuses after this: asking it for the value here would throw.
            if (result.Tokens is [var word] && int.TryParse(word.Value, CultureInfo.InvariantCulture, out var seconds) && seconds is < 0 or > 3600) result.AddError($"--start-wait {seconds}: must be 0 to 3600 seconds");
        });
        return wait;
    }

    /// <summary>Runs a role until it is asked to stop.</summary>
    /// <param name="name">The role's name.</param>
    /// <param name="start">Starts it.</param>
    /// <param name="output">Where to say that it is ready.</param>
    /// <param name="cancellation">Ctrl-C or SIGTERM.</param>
    /// <param name="drainDelay">How long new requests are still taken after that, while load balancers notice.</param>
    /// <param name="startWait">How long it tries to reach a database that is away, in seconds.</param>
    public static async Task<int> RunAsync(
        string name, Func<RoleSurroundings, Task<RunningRole>> start, TextWriter output, CancellationToken cancellation, TimeSpan drainDelay = default, int startWait = 0)
    {
        // Only what has given up its thread once can be stopped in order: until then SIGTERM ends the process at once.
        await Task.Yield();
        using var loggers = Logs.Create(console: true);
        RunningRole started;
        try
        {
            started = await start(new RoleSurroundings(TimeProvider.System, loggers, TimeSpan.FromSeconds(30)) { StartWait = TimeSpan.FromSeconds(startWait) });
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCodes.Fine;
        }
        await using var role = started;
        await output.WriteLineAsync($"{name} listens on {role.Url}");
        await output.FlushAsync(CancellationToken.None);
        await Termination.WaitAsync(cancellation);
        role.BeginStop();
        if (drainDelay > TimeSpan.Zero) await Task.Delay(drainDelay, TimeProvider.System, CancellationToken.None);
        return ExitCodes.Fine;
    }
}

/// <summary>Waiting for the end.</summary>
internal static class Termination
{
    public static async Task WaitAsync(CancellationToken cancellation)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellation.Register(() => asked.TrySetResult());
        await asked.Task;
    }
}
