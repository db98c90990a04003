using System.CommandLine;
using Hokusai;
using Hokusai.Health;
using Hokusai.Keys;
using Hokusai.Routes;
using Hokusai.Serve;
using Hokusai.Up;
using Hokusai.Verify;
using Hokusai.Why;

// Each verb is a folder with its command; this file only lists them and turns what goes wrong into an exit code.
var root = new RootCommand("MLflow behind a load balancer, an API gateway and an auth service: the whole chain in one executable.")
{
    UpCommand.Create(),
    ServeCommand.Create(),
    VerifyCommand.Create(),
    KeysCommand.Create(),
    RoutesCommand.Create(),
    WhyCommand.Create(),
    HealthCommand.Create(),
};

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors) await Console.Error.WriteLineAsync($"hokusai: {error.Message}");
    await Console.Error.WriteLineAsync($"hokusai: 'hokusai {string.Join(' ', args.TakeWhile(a => !a.StartsWith('-')))} --help' shows what can be given".Replace("  ", " ", StringComparison.Ordinal));
    return ExitCodes.Usage;
}
try
{
    // Long enough for what cleans up after Ctrl-C or SIGTERM: verify's removals, running transfers.
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(70) });
}
catch (CommandFailure failure)
{
    await Console.Error.WriteLineAsync($"hokusai: {failure.Message}");
    return failure.ExitCode;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("hokusai: stopped before it was done");
    return ExitCodes.Failed;
}
