using System.CommandLine;

namespace Hokusai.Keys.Explain;

/// <summary><c>hokusai keys explain-request</c>: exit code 0 nothing speaks against the request here, 1 the gateway refuses it, 2 bad usage or no request.</summary>
internal static class ExplainRequestCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("FILE") { Description = "what curl -v prints, a HAR file, or raw HTTP", Arity = ArgumentArity.ZeroOrOne };
        var stdin = new Option<bool>("--stdin") { Description = "the same from standard input" };
        var environment = new Option<bool>("--env") { Description = "what MLflow's client would send with the environment as it is here" };
        var json = new Option<bool>("--json") { Description = "the same as JSON" };
        var command = new Command("explain-request", "what the gateway sees in a request, and why it takes it or not; shows no key") { file, stdin, environment, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = parsed.GetValue(file);
            if ((path is null ? 0 : 1) + (parsed.GetValue(stdin) ? 1 : 0) + (parsed.GetValue(environment) ? 1 : 0) != 1) throw CommandFailure.Usage("give one of FILE, --stdin and --env");
            var requests = parsed.GetValue(environment) ? [new ClientEnvironment(Environment.GetEnvironmentVariable).Read()] : DumpReader.Read(await ReadAsync(path, cancellation));
            var explanations = Explanation.Of(requests);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await ExplainOutput.WriteJsonAsync(output, explanations);
            else await ExplainOutput.WriteTextAsync(output, explanations);
            return explanations.All(one => one.IsAccepted) ? ExitCodes.Fine : ExitCodes.Failed;
        });
        return command;
    }

    private static async Task<string> ReadAsync(string? path, CancellationToken cancellation)
    {
        try
        {
            return path is null ? await Console.In.ReadToEndAsync(cancellation) : await File.ReadAllTextAsync(path, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"{path}: {e.Message}");
        }
    }
}
