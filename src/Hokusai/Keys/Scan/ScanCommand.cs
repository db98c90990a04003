using System.CommandLine;

namespace Hokusai.Keys.Scan;

/// <summary><c>hokusai keys scan</c>: exit code 0 none found, 1 found, 2 bad usage, 3 none found but something could not be read.</summary>
internal static class ScanCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH") { Description = "files and folders", Arity = ArgumentArity.ZeroOrMore };
        var stdin = new Option<bool>("--stdin") { Description = "look through standard input, such as a log" };
        var git = new Option<bool>("--git") { Description = "look through all that the git repositories at PATH ever held (default: the one here)" };
        var all = new Option<bool>("--all") { Description = "report what has a key's form without its checksum too" };
        var baseline = new Option<string?>("--baseline") { Description = $"file with the fingerprints of keys that are not reported (default: {Baseline.FileName} if it is there)" };
        var json = new Option<bool>("--json") { Description = "the same as JSON" };
        var command = new Command("scan", "find keys in files, git history and logs, without showing them") { paths, stdin, git, all, baseline, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (given, configuration) = (parsed.GetValue(paths)!, parsed.InvocationConfiguration);
            if (parsed.GetValue(stdin) ? given.Length > 0 || parsed.GetValue(git) : given.Length == 0 && !parsed.GetValue(git)) throw CommandFailure.Usage("give files or folders, or --stdin, or --git");
            if (given.FirstOrDefault(path => !Path.Exists(path)) is { } missing) throw CommandFailure.Usage($"{Contracts.Keys.KeyRedactor.Redact(missing)}: there is no such file or folder");
            var report = new ScanReport(Baseline.Read(parsed.GetValue(baseline)));
            var time = TimeProvider.System;
            var began = time.GetTimestamp();
            if (parsed.GetValue(stdin)) await new ContentScan(report).ScanAsync("(standard input)", Console.OpenStandardInput(), cancellation);
            else if (!parsed.GetValue(git)) await new FileScan(report).ScanAsync(given, cancellation);
            else foreach (var folder in given.DefaultIfEmpty(".")) await new GitScan(report, folder).ScanAsync(cancellation);
            var shown = report.Findings.Where(found => found.IsCertain || parsed.GetValue(all)).ToList();
            if (parsed.GetValue(json)) await ScanOutput.WriteJsonAsync(configuration.Output, report, shown, time.GetElapsedTime(began));
            else await ScanOutput.WriteTextAsync(configuration.Output, configuration.Error, report, shown, time.GetElapsedTime(began));
            return shown.Count > 0 ? ExitCodes.Failed : report.Unread.Count > 0 ? ExitCodes.Unreachable : ExitCodes.Fine;
        });
        return command;
    }
}
