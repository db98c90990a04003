using System.CommandLine;

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

    /// <summary>Runs a role until it is asked to stop.</summary>
    /// <param name="name">The role's name.</param>
    /// <param name="start">Starts it.</param>
    /// <param name="output">Where to say that it is ready.</param>
    /// <param name="cancellation">Ctrl-C or SIGTERM.</param>
    /// <param name="drainDelay">How long new requests are still taken after that, while load balancers notice.</param>
    public static async Task<int> RunAsync(string name, Func<RoleSurroundings, Task<RunningRole>> start, TextWriter output, CancellationToken cancellation, TimeSpan drainDelay = default)
    {
        using var loggers = Logs.Create(console: true);
        await using var role = await start(new RoleSurroundings(TimeProvider.System, loggers, TimeSpan.FromSeconds(30)));
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
