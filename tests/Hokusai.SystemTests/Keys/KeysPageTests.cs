using System.Diagnostics;
using System.Text.RegularExpressions;
using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Keys;

/// <summary>Every command in docs/keys.md does what it stands for, as it is written there.</summary>
public sealed partial class KeysPageTests
{
    // A process for each command, one after the other.
    [Fact(Timeout = 4 * Deadlines.Test)]
    public async Task Commands_OfThePage_Succeed()
    {
        await using var hop = await KeysHop.StartAsync();
        using var folder = new TemporaryFolder();
        await WriteAsync("leaked.txt", (await hop.CreateAsync()).Key);
        await WriteAsync("keys.csv", $"key,name,scopes\n{ApiKey.Mint().Reveal()},ci,mlflow:read;model:write");
        await WriteAsync("keys.txt", ApiKey.Mint().Reveal());
        var commands = Fence().Matches(await File.ReadAllTextAsync(PagePath(), TestContext.Current.CancellationToken))
            .SelectMany(fence => fence.Groups["commands"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.True(commands.Count >= 14, "docs/keys.md has no commands");

        foreach (var command in commands)
        {
            var (id, _) = await hop.CreateAsync();
            var line = command.Replace("KEY_ID", id, StringComparison.Ordinal);
            var start = new ProcessStartInfo("sh", ["-c", $"hokusai() {{ '{HokusaiProcess.Executable}' \"$@\" --url {hop.Role.AdminUrl}; }}\n{line}"])
            {
                WorkingDirectory = folder.Path,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["HOKUSAI_API_KEY"] = hop.Admin;
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).InTime();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).InTime();

            Assert.True(process.ExitCode == 0, $"{command}: {error}");
            Assert.NotEmpty(await output);
        }

        Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(folder.Path, name), text, TestContext.Current.CancellationToken);
    }

    private static string PagePath()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Hokusai.slnx"))) return Path.Combine(folder.FullName, "docs", "keys.md");
        }
        throw new InvalidOperationException("no checkout around these tests");
    }

    [GeneratedRegex("^```sh\n(?<commands>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Fence();
}
