using System.CommandLine;
using Spectre.Console;

namespace Hokusai.Verify;

/// <summary><c>hokusai verify</c>: exit code 0 passed, 1 a step failed, 2 bad usage, 3 the server can't be connected to.</summary>
internal static class VerifyCommand
{
    private const int BadUsage = 2;

    /// <summary>Where a key is looked for without <c>--key</c>, the first one set wins.</summary>
    private static readonly string[] KeyVariables = ["HOKUSAI_API_KEY", "MLFLOW_TRACKING_TOKEN"];

    public static Command Create()
    {
        var url = new Option<string?>("--url") { Description = "tracking URI of the server, for example http://127.0.0.1:8080/api/mlflow; without it a stack of its own is started and ended" };
        var key = new Option<string?>("--key") { Description = $"API key; without it the environment's {string.Join(" or ", KeyVariables)}" };
        var json = new Option<bool>("--json") { Description = "one JSON object instead of lines" };
        var command = new Command("verify", "register a model step by step as MLflow's client does, compare, and clean up") { url, key, json };
        command.SetAction((parsed, cancellation) => RunAsync(
            new VerifyFlags(parsed.GetValue(url), parsed.GetValue(key), parsed.GetValue(json)),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(VerifyFlags flags, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var key = flags.Key ?? (flags.Url is null ? null : KeyFromEnvironment());
        if (flags.Fault(key) is { } fault)
        {
            await error.WriteLineAsync($"hokusai verify: {fault}");
            return BadUsage;
        }
        var terminal = !flags.Json && ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected ? Terminal() : null;
        var onStep = flags.Json ? static _ => { } : VerifyOutput.Lines(terminal, output);
        var report = flags.Url is { } url
            ? await new Verification(new VerifyTarget(url, key), TimeProvider.System).RunAsync(onStep, cancellation)
            : await OwnStack.VerifyAsync(TimeProvider.System, onStep, cancellation);
        if (flags.Json) await output.WriteLineAsync(VerifyOutput.Json(report));
        else VerifyOutput.End(report, terminal, output);
        return report.ExitCode;
    }

    private static IAnsiConsole Terminal()
    {
        var colours = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors;
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { ColorSystem = colours });

        // The terminal breaks long lines itself, and then they can still be copied as one.
        terminal.Profile.Width = short.MaxValue;
        return terminal;
    }

    private static string? KeyFromEnvironment() => KeyVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(key => !string.IsNullOrWhiteSpace(key))?.Trim();
}

/// <summary>The flags as typed.</summary>
internal sealed record VerifyFlags(string? Url, string? Key, bool Json)
{
    /// <summary>What is wrong with the flags, or null. Never repeats a key.</summary>
    /// <param name="key">The key in use, from the flag or from the environment.</param>
    public string? Fault(string? key)
    {
        if (Url is null) return Key is null ? null : "--key needs --url: without it a stack with a key of its own is verified";
        if (!TrackingAddress.IsValid(Url, out var fault)) return fault;
        var usable = key is null || (key.Length > 0 && key.All(letter => letter is > ' ' and <= '~'));
        return usable ? null : "the key is empty or holds blanks or characters outside of ASCII: it was not copied whole";
    }

    /// <summary>A record prints all that it holds; a key must not be among it.</summary>
    public override string ToString() => $"--url {Url}";
}
