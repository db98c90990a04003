using System.CommandLine;

namespace Hokusai.Health;

/// <summary>
/// <c>hokusai health</c>, the health check of a container, whose image has neither shell nor curl: exit code 0 the address answers 200,
/// 1 it answers something else, 2 bad usage, 3 it does not answer.
/// </summary>
internal static class HealthCommand
{
    public static Command Create()
    {
        var url = new Argument<string>("URL") { Description = "what to ask, such as http://127.0.0.1:8001/health" };
        var timeout = new Option<double>("--timeout") { Description = "seconds until it must have answered, 0.1 to 60", DefaultValueFactory = _ => 2 };
        var command = new Command("health", "asks one address whether it answers 200: the health check of a container") { url, timeout };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var handler = HealthProbe.Sockets();
            var probe = new HealthProbe(HealthProbe.AddressFrom(parsed.GetValue(url)!), HealthProbe.DeadlineFrom(parsed.GetValue(timeout)), handler, TimeProvider.System);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(await probe.AskAsync(cancellation));
            return ExitCodes.Fine;
        });
        return command;
    }
}
