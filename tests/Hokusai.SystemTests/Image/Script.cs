using System.Diagnostics;

namespace Hokusai.SystemTests.Image;

/// <summary>A program that runs to its end, with what it wrote.</summary>
internal sealed record Script(int Code, string Output, string Errors)
{
    /// <summary>Runs it.</summary>
    /// <exception cref="TimeoutException">It did not end in time, and was ended.</exception>
    public static async Task<Script> RunAsync(string program, TimeSpan deadline, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"can't start {program}");
        using var late = new CancellationTokenSource(deadline);
        var output = process.StandardOutput.ReadToEndAsync(late.Token);
        var errors = process.StandardError.ReadToEndAsync(late.Token);
        try
        {
            await process.WaitForExitAsync(late.Token);
            return new Script(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end in {deadline.TotalSeconds} s");
        }
    }

    /// <summary>What it wrote, if it ended well.</summary>
    /// <exception cref="InvalidOperationException">It did not; the message holds what it said.</exception>
    public string Fine() => Code == 0 ? Output.Trim() : throw new InvalidOperationException($"exit code {Code}: {Output}{Errors}");
}
