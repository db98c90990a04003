using System.CommandLine;

namespace Hokusai.Health;

/// <summary>
/// <c>hokusai health</c>, the health check of a container, whose image has neither shell nor curl: exit code 0 the address answers with the
/// status that is expected, 1 with another one, 2 bad usage, 3 it does not answer.
/// </summary>
internal static class HealthCommand
{
    // The image has one health check for all roles; this says which one runs.
    private const string Variable = "HOKUSAI_HEALTH_URL";
    private const string Standard = "http://127.0.0.1:8001/health";

    public static Command Create()
    {
        var url = new Argument<string>("URL")
        {
            Description = $"what to ask (default: the environment's {Variable}, or the gateway's {Standard})",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : Standard,
        };
        var timeout = new Option<double>("--timeout") { Description = "seconds until it must have answered, 0.1 to 60", DefaultValueFactory = _ => 2 };
        var status = new Option<int>("--status") { Description = "the status that it must answer with; an edge answers 404 where no rule takes the path", DefaultValueFactory = _ => 200 };
        var command = new Command("health", "asks one address whether it answers: the health check of a container") { url, timeout, status };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var handler = HealthProbe.Sockets();
            var probe = new HealthProbe(HealthProbe.AddressFrom(parsed.GetValue(url)!), HealthProbe.StatusFrom(parsed.GetValue(status)), HealthProbe.DeadlineFrom(parsed.GetValue(timeout)), handler, TimeProvider.System);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(await probe.AskAsync(cancellation));
            return ExitCodes.Fine;
        });
        return command;
    }
}
