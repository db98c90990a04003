using System.Diagnostics;
using System.Runtime.Versioning;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Processes;

/// <summary>The launcher at the root, in a tree of its own and with a stand-in for the SDK: when does it build?</summary>
[UnsupportedOSPlatform("windows")]
public sealed class LauncherTests : IDisposable
{
    private const int Deadline = 60_000;

    // Notes each build, then makes a program that shows what it is called with. Fails if it is told to.
    private const string Sdk = """
        #!/bin/sh
        echo build >>"$ROOT/builds"
        [ ! -e "$ROOT/broken" ] || { echo "error CS1002: ; expected"; exit 1; }
        mkdir -p "$ROOT/artifacts/bin/Hokusai/release"
        printf '#!/bin/sh\necho "ran $*"\nexit 7\n' >"$ROOT/artifacts/bin/Hokusai/release/hokusai"
        chmod +x "$ROOT/artifacts/bin/Hokusai/release/hokusai"
        """;

    private readonly TemporaryFolder _root = new();

    public LauncherTests()
    {
        var repository = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
        foreach (var folder in (string[])["src", "build", "sdk", Path.Combine("infrastructure", "terraform")]) Directory.CreateDirectory(_root.PathOf(folder));
        foreach (var file in (string[])["src/Program.cs", "global.json", "Directory.Build.props", "infrastructure/terraform/routes.json"]) File.WriteAllText(_root.PathOf(file), "");
        ProgramFile.Write(_root.PathOf("hokusai"), File.ReadAllText(Path.Combine(repository, "hokusai")));
        ProgramFile.Write(_root.PathOf("sdk", "dotnet"), Sdk);
    }

    [Fact(Timeout = Deadline)]
    public async Task Launcher_StartedTwice_BuildsOnce()
    {
        Assert.Equal((7, "ran up --ports 0"), await LaunchAsync("up", "--ports", "0"));
        Assert.Equal((7, "ran --help"), await LaunchAsync("--help"));

        Assert.Equal(1, Builds);
    }

    [Fact(Timeout = Deadline)]
    public async Task Launcher_SourceNewerThanTheBuild_BuildsAgain()
    {
        await LaunchAsync();
        File.SetLastWriteTimeUtc(_root.PathOf("src", "Program.cs"), File.GetLastWriteTimeUtc(_root.PathOf("artifacts", "launcher.stamp")).AddSeconds(1));

        Assert.Equal(7, (await LaunchAsync()).Code);
        Assert.Equal(2, Builds);
    }

    [Fact(Timeout = Deadline)]
    public async Task Launcher_SeveralAtOnce_BuildOnce()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LaunchAsync("x")));

        Assert.All(runs, run => Assert.Equal((7, "ran x"), run));
        Assert.Equal(1, Builds);
    }

    [Fact(Timeout = Deadline)]
    public async Task Launcher_BuildFails_SaysWhyAndTriesAgainNextTime()
    {
        await File.WriteAllTextAsync(_root.PathOf("broken"), "", TestContext.Current.CancellationToken);

        Assert.Equal((3, ""), await LaunchAsync());
        Assert.Contains("CS1002", await File.ReadAllTextAsync(_root.PathOf("errors"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        File.Delete(_root.PathOf("broken"));
        Assert.Equal((7, "ran"), await LaunchAsync());
    }

    public void Dispose() => _root.Dispose();

    private int Builds => File.ReadAllLines(_root.PathOf("builds")).Length;

    private async Task<(int Code, string Output)> LaunchAsync(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(_root.PathOf("hokusai"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ROOT"] = _root.Path;
        start.Environment["PATH"] = _root.PathOf("sdk") + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        using var process = Process.Start(start)!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(HokusaiProcess.Deadline);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = await process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        lock (_root) File.AppendAllText(_root.PathOf("errors"), errors);
        return (process.ExitCode, (await output).Trim());
    }
}
