using System.CommandLine;
using Spectre.Console;

namespace Hokusai.Why;

/// <summary><c>hokusai why</c>: exit code 0 known, 1 not known or not to be seen with this key, 2 bad usage, 3 the gateway can't be reached.</summary>
internal static class WhyCommand
{
    private const string Standard = "http://127.0.0.1:8001";

    /// <summary>Where a key is looked for without <c>--key</c>; the first one set wins.</summary>
    private static readonly string[] KeyVariables = ["HOKUSAI_API_KEY", "MLFLOW_TRACKING_TOKEN"];

    public static Command Create()
    {
        var id = new Argument<string>("REQUEST_ID") { Description = "id of the request: the answer's X-Request-Id, or the end of the error's message" };
        var url = new Option<string>("--url") { Description = "address of the gateway itself, not of the load balancer", DefaultValueFactory = _ => Standard };
        var key = new Option<string?>("--key") { Description = $"the key that sent the request, or an admin key (default: the environment's {string.Join(" or ", KeyVariables)})" };
        var json = new Option<bool>("--json") { Description = "the gateway's answer as JSON" };
        var command = new Command("why", "what happened to one request: attempts, addresses, timings, breakers, cause") { id, url, key, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var handler = WhyClient.Sockets();
            using var client = new WhyClient(parsed.GetValue(url)!, KeyFrom(parsed.GetValue(key)), handler);
            await WriteAsync(client, parsed.GetValue(id)!.Trim(), parsed.GetValue(json), parsed.InvocationConfiguration.Output, cancellation);
            return ExitCodes.Fine;
        });
        return command;
    }

    /// <summary>Asks and prints.</summary>
    internal static async Task WriteAsync(WhyClient client, string requestId, bool json, TextWriter output, CancellationToken cancellation)
    {
        var (text, answer) = await client.AskAsync(requestId, cancellation);
        if (json) await output.WriteLineAsync(text.TrimEnd());
        else if (ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected) Terminal().Markup(WhyOutput.Coloured(answer));
        else await output.WriteAsync(WhyOutput.Plain(answer));
    }

    private static IAnsiConsole Terminal()
    {
        var colours = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors;
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { ColorSystem = colours });

        // The terminal breaks long lines itself, and then they can still be copied as one.
        terminal.Profile.Width = short.MaxValue;
        return terminal;
    }

    private static string KeyFrom(string? flag)
    {
        var key = flag ?? KeyVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(k => !string.IsNullOrWhiteSpace(k));
        return key?.Trim() ?? throw CommandFailure.Usage($"no key: give --key or set {string.Join(" or ", KeyVariables)}");
    }
}
