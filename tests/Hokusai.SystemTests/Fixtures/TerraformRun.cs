using System.Diagnostics;
using System.Text.Json;
using Hokusai.AwsStub;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>Terraform at work on a copy of a configuration, with the stub in place of the AWS provider and its state in a local file.</summary>
internal sealed class TerraformRun : IDisposable
{
    // Where the state lies is not what is tested, and the real place is not there.
    private const string LocalState = """
        terraform {
          backend "local" {}
        }
        """;

    private const string Initialised = ".terraform";
    private const string StateFile = "terraform.tfstate";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(100);

    private readonly TemporaryFolder _folder = new();
    private readonly StubServer _stub;
    private readonly string _settings;

    private TerraformRun(StubServer stub)
    {
        _stub = stub;
        _settings = _folder.PathOf("terraformrc");
        // Without this Terraform would ask its public registry for a provider that the stub does not stand in for.
        File.WriteAllText(_settings, $$"""
            provider_installation {
              filesystem_mirror {
                path = "{{_folder.Path}}"
              }
            }
            """);
    }

    /// <summary>Terraform on this machine; null if there is none.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "terraform.exe" : "terraform")).FirstOrDefault(File.Exists);

    /// <summary>The folder above the copy, in the place of the checkout.</summary>
    public string Checkout => _folder.Path;

    /// <summary>The copy.</summary>
    public string Folder => _folder.PathOf("infrastructure", "terraform");

    /// <summary>Copies a configuration with all below it, except for what Terraform itself has put there.</summary>
    /// <param name="aws">The stub.</param>
    /// <param name="source">The configuration's folder.</param>
    public static async Task<TerraformRun> CopyAsync(StubbedAws aws, string source)
    {
        var run = new TerraformRun(await aws.ServerAsync());
        foreach (var file in Directory.EnumerateFiles(source, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
        {
            var name = Path.GetRelativePath(source, file);
            if (name.Split(Path.DirectorySeparatorChar).Any(part => part == Initialised || part.Contains(".tfstate", StringComparison.Ordinal))) continue;
            var copy = Path.Combine(run.Folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        await File.WriteAllTextAsync(Path.Combine(run.Folder, "local_state_override.tf"), LocalState);
        return run;
    }

    /// <summary>Replaces text in a file of the copy.</summary>
    /// <exception cref="InvalidOperationException">The text is not in the file, or more than once.</exception>
    public void Edit(string file, string find, string replacement)
    {
        var path = Path.Combine(Folder, file);
        var text = File.ReadAllText(path);
        var first = text.IndexOf(find, StringComparison.Ordinal);
        if (first < 0) throw new InvalidOperationException($"{file} does not hold: {find}");
        if (text.IndexOf(find, first + 1, StringComparison.Ordinal) >= 0) throw new InvalidOperationException($"{file} holds more than once: {find}");
        File.WriteAllText(path, string.Concat(text.AsSpan(0, first), replacement, text.AsSpan(first + find.Length)));
    }

    /// <summary>Runs a command to its end.</summary>
    /// <remarks>
    /// One of some hundred thousand commands hung, for a reason that nobody knows yet. It is run once more then, which Terraform allows
    /// for all its commands, and the test's warning tells where it stood.
    /// </remarks>
    /// <param name="arguments">The command and its flags.</param>
    public async Task<TerraformResult> RunAsync(params IEnumerable<string> arguments)
    {
        var command = arguments.ToList();
        try
        {
            return await RunOnceAsync(command);
        }
        catch (TimeoutException e)
        {
            TestContext.Current.AddWarning(e.Message);
            return await RunOnceAsync(command);
        }
    }

    private async Task<TerraformResult> RunOnceAsync(List<string> command)
    {
        var start = new ProcessStartInfo(Program!, command) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        // Settings and credentials of whoever runs the tests must not reach them.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TF_", StringComparison.Ordinal) || name.StartsWith("AWS_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        start.Environment["CHECKPOINT_DISABLE"] = "1";
        start.Environment["TF_IN_AUTOMATION"] = "1";
        start.Environment["TF_INPUT"] = "0";
        // Terraform's graphs are short-lived garbage: collected less often, its commands take a third less time.
        start.Environment["GOGC"] = "400";
        start.Environment["TF_CLI_CONFIG_FILE"] = _settings;
        start.Environment[StubServer.ReattachVariable] = _stub.Reattach;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"can't start {Program}");
        process.StandardInput.Close();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await Task.WhenAll(output, errors, process.WaitForExitAsync(CancellationToken.None)).WaitAsync(deadline.Token);
            return new TerraformResult(string.Join(' ', command), process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"terraform {string.Join(' ', command)} did not end in {Deadline.TotalSeconds} s; {await EndAsync(process, errors)}");
        }
    }

    // A Go program that gets SIGQUIT writes where each of its goroutines stands: without that, nobody learns what it waited for.
    private static async Task<string> EndAsync(Process process, Task<string> errors)
    {
        if (process.HasExited) return "it has ended, but somebody holds its output";
        ProcessSignal.Send(process, ProcessSignal.Quit);
        try
        {
            return "it stood at:\n" + GoTrace.Shorten(await errors.WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System));
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            return "it did not tell where it stands";
        }
    }

    /// <summary>Makes the copy ready. Fails the test if that does not work.</summary>
    public async Task InitAsync() => (await RunAsync("init", "-no-color")).AssertCode(0);

    /// <summary>Goes on from where another copy of the same modules is: what it has initialised and applied counts as this one's.</summary>
    public void GoOnFrom(TerraformRun other)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(other.Folder, Initialised), "*", SearchOption.AllDirectories)) Take(Path.GetRelativePath(other.Folder, file));
        Take(StateFile);

        void Take(string name)
        {
            var copy = Path.Combine(Folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(other.Folder, name), copy);
        }
    }

    /// <summary>The state, as <c>terraform show -json</c> tells it.</summary>
    public async Task<JsonElement> StateAsync()
    {
        var shown = (await RunAsync("show", "-json")).AssertCode(0);
        using var document = JsonDocument.Parse(shown.Output);
        return document.RootElement.Clone();
    }

    public void Dispose() => _folder.Dispose();
}
