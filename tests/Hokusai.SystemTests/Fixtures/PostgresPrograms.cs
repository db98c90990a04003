using System.Diagnostics;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>PostgreSQL's own programs on this machine, and how they are run: the server refuses to work as root.</summary>
internal static class PostgresPrograms
{
    private const string Account = "postgres";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Whether the programs must be run under another account than this one.</summary>
    public static bool NeedOtherAccount => Environment.IsPrivilegedProcess;

    /// <summary>The folder that holds <c>initdb</c> and <c>postgres</c>.</summary>
    /// <exception cref="InvalidOperationException">There is none. Tests that need the database fail then, they are not skipped.</exception>
    public static string Folder => Candidates().FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")))
        ?? throw new InvalidOperationException("PostgreSQL's server programs (initdb, postgres) are not on this machine; build/prerequisites installs them");

    /// <summary>The words that start a program under an account that PostgreSQL accepts. The process id stays that of the program.</summary>
    public static IEnumerable<string> Command(params IEnumerable<string> words) =>
        NeedOtherAccount ? [.. (string[])["setpriv", $"--reuid={Account}", $"--regid={Account}", "--clear-groups", "--"], .. words] : words;

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it said.</exception>
    public static async Task RunAsync(params IEnumerable<string> words)
    {
        var command = words.ToList();
        // The caller's folder may be closed to the other account.
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"can't start {command[0]}");
        using var deadline = new CancellationTokenSource(Deadline);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            if (process.ExitCode != 0) throw new InvalidOperationException($"{string.Join(' ', command)} failed: {await output}{await errors}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{string.Join(' ', command)} did not end in {Deadline.TotalSeconds} s");
        }
    }

    /// <summary>Gives a folder to the account under which the programs run.</summary>
    public static Task HandOverAsync(string folder) => NeedOtherAccount ? RunAsync("chown", Account, folder) : Task.CompletedTask;

    // Debian keeps the server's programs off the PATH, a folder for each version; the newest is taken.
    private static IEnumerable<string> Candidates()
    {
        const string Versions = "/usr/lib/postgresql";
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var installed = Directory.Exists(Versions) ? Directory.GetDirectories(Versions) : [];
        return onPath.Concat(installed
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
            .Select(folder => Path.Combine(folder, "bin")));
    }
}
