using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Hokusai.Contracts.Keys;

namespace Hokusai.Routes.Sources;

/// <summary>Calls <c>aws elbv2</c> as a child process: arguments as they are, never through a shell; bounded in time and output.</summary>
/// <param name="region">Region of what is asked about.</param>
/// <param name="deadline">The longest that one call may take.</param>
/// <param name="program">The program, looked for on the PATH.</param>
/// <param name="time">The clock; null for the system's.</param>
internal sealed class AwsCli(string region, TimeSpan deadline, string program = "aws", TimeProvider? time = null)
{
    /// <summary>The longest that one call may take where nothing else is said.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private const string Remedy = "install it, or let somebody who has it save the output of 'aws elbv2 describe-listeners', describe-rules, describe-target-groups and describe-target-health, and give those files to --describe";
    private const int MostOutput = 32 * 1024 * 1024;
    private const int MostError = 600;

    /// <summary>Calls one command and reads its answer.</summary>
    /// <param name="command">The command, such as <c>describe-rules</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CommandFailure">The program is missing, failed, took too long, or wrote too much or no JSON.</exception>
    public async Task<JsonElement> AskAsync(string command, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var called = $"aws elbv2 {command}";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var clock = (time ?? TimeProvider.System).CreateTimer(_ => limit.Cancel(), null, deadline, Timeout.InfiniteTimeSpan);
        using var process = Start(["elbv2", command, .. arguments, "--region", region, "--output", "json", "--cli-connect-timeout", "5", "--cli-read-timeout", "20"]);
        try
        {
            var errors = ReadAsync(process.StandardError, MostError * 8, limit.Token);
            var output = await ReadAsync(process.StandardOutput, MostOutput, limit.Token);
            if (output.Length > MostOutput) throw CommandFailure.Unreachable($"{called} wrote more than {MostOutput / 1024 / 1024} MiB");
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0 ? Parse(called, output) : throw Failed(called, command, process.ExitCode, await errors);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw CommandFailure.Unreachable($"{called} did not end within {deadline.TotalSeconds:0} s; is the network's way to AWS open?");
        }
        finally
        {
            // Whatever happened, no child outlives the command.
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private Process Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Find() ?? throw CommandFailure.Unreachable($"the AWS CLI can't be started: there is no '{program}' on the PATH; {Remedy}"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, StandardOutputEncoding = Encoding.UTF8 };
        // Version 2 would wait for somebody to page through its output.
        start.Environment["AWS_PAGER"] = "";
        try
        {
            var process = Process.Start(start)!;
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception e)
        {
            throw CommandFailure.Unreachable($"the AWS CLI can't be started: {e.Message}; {Remedy}");
        }
    }

    // The runtime would look in the current folder first, where others may have put anything.
    private string? Find() => Path.IsPathRooted(program) ? program
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathRooted)
            .SelectMany(folder => ((string[])["", ".exe"]).Select(end => Path.Combine(folder, program + end))).FirstOrDefault(File.Exists);

    private static async Task<string> ReadAsync(StreamReader from, int most, CancellationToken cancellation)
    {
        var (text, buffer) = (new StringBuilder(), new char[16 * 1024]);
        for (var read = await from.ReadAsync(buffer, cancellation); read > 0 && text.Length <= most; read = await from.ReadAsync(buffer, cancellation)) text.Append(buffer, 0, read);
        return text.ToString();
    }

    private static JsonElement Parse(string called, string output)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw CommandFailure.Unreachable($"{called} wrote no JSON: {e.Message}");
        }
    }

    private static CommandFailure Failed(string called, string command, int code, string errors)
    {
        var line = KeyRedactor.Redact(string.Join(' ', errors.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        if (line.Length > MostError) line = line[..MostError] + "…";
        var permission = $"elasticloadbalancing:{string.Concat(command.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))}";
        var remedy = errors.Contains("AccessDenied", StringComparison.Ordinal) || errors.Contains("not authorized", StringComparison.Ordinal)
            ? $"the role needs the permission {permission}"
            : "'aws sts get-caller-identity' shows whether the CLI has credentials";
        return CommandFailure.Unreachable($"{called} failed (exit code {code}): {(line.Length > 0 ? line : "it wrote no reason")}; {remedy}");
    }
}
