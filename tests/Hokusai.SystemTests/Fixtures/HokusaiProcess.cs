using System.Diagnostics;
using System.Threading.Channels;
using Xunit.Sdk;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>
/// The built executable as a child process. Its end ends that one process, and fails the test if a key that the test
/// knows stands in what it wrote to standard error.
/// </summary>
internal sealed class HokusaiProcess : IAsyncDisposable
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];
    private readonly List<string> _keys = [];
    private readonly Process _process;
    private readonly Task _pumps;

    private HokusaiProcess(Process process)
    {
        _process = process;
        _pumps = Task.WhenAll(PumpAsync(process.StandardOutput, _output, _lines.Writer), PumpAsync(process.StandardError, _errors, null));
    }

    /// <summary>How long anything may take that is not waited for with a deadline of its own.</summary>
    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(30);

    /// <summary>The executable that was built with these tests.</summary>
    public static string Executable
    {
        get
        {
            var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
            return Path.Combine(configuration.Parent!.Parent!.FullName, "Hokusai", configuration.Name, "hokusai");
        }
    }

    /// <summary>What it wrote to standard output so far.</summary>
    public string Output => Text(_output);

    /// <summary>What it wrote to standard error so far.</summary>
    public string Errors => Text(_errors);

    public bool HasExited => _process.HasExited;

    /// <summary>Memory that is resident now, in bytes.</summary>
    public long Resident => Status("VmRSS");

    /// <summary>The most memory that was ever resident, in bytes.</summary>
    public long PeakResident => Status("VmHWM");

    /// <summary>Threads that it runs now.</summary>
    public int Threads => Directory.GetDirectories($"/proc/{_process.Id}/task").Length;

    /// <summary>Starts a command.</summary>
    public static HokusaiProcess Start(params IEnumerable<string> arguments) => Start(null, null, arguments);

    /// <summary>Starts a command in a folder and with settings of its own; those of the test's own environment don't reach it.</summary>
    public static HokusaiProcess Start(string? folder, IReadOnlyDictionary<string, string>? environment, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = folder ?? Path.GetTempPath() };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("HOKUSAI_", StringComparison.Ordinal) || name.StartsWith("MLFLOW_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return new HokusaiProcess(Process.Start(start) ?? throw new InvalidOperationException($"can't start {Executable}"));
    }

    /// <summary>Runs a command that ends on its own.</summary>
    /// <returns>The ended process, for its code and what it wrote.</returns>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(string? folder, IReadOnlyDictionary<string, string>? environment, params IEnumerable<string> arguments)
    {
        await using var process = Start(folder, environment, arguments);
        var code = await process.WaitForExitAsync(TimeSpan.FromSeconds(60));
        return (code, process.Output, process.Errors);
    }

    /// <summary>The next line of standard output.</summary>
    /// <exception cref="XunitException">It ended, or the line did not come in time; the message holds what it wrote.</exception>
    public async Task<string> ReadLineAsync()
    {
        try
        {
            return await _lines.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Deadline);
        }
        catch (Exception e) when (e is ChannelClosedException or TimeoutException)
        {
            throw new XunitException($"no line from hokusai ({e.GetType().Name}): {Errors}");
        }
    }

    /// <summary>What stands behind each of its open handles, such as <c>socket:[12]</c>, except for libraries.</summary>
    /// <remarks>.NET opens a library when something of it is first needed, and keeps it open: which ones are open depends on what has gone wrong so far, and leaks nothing.</remarks>
    public IReadOnlyList<string> Handles() => [.. new DirectoryInfo($"/proc/{_process.Id}/fd").EnumerateFileSystemInfos().Select(handle => handle.LinkTarget ?? "gone").Where(handle => !handle.EndsWith(".dll", StringComparison.Ordinal))];

    /// <summary>Asks it to end, as an orchestrator does.</summary>
    public void Terminate() => ProcessSignal.Send(_process, ProcessSignal.Terminate);

    /// <summary>Asks it to end, as Ctrl-C does.</summary>
    public void Interrupt() => ProcessSignal.Send(_process, ProcessSignal.Interrupt);

    /// <summary>Ends it at once, as a power cut would: SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Waits for its end, and for all that it wrote.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync(TimeSpan? deadline = null)
    {
        try
        {
            await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(deadline ?? Deadline);
            await _pumps.WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            throw new XunitException($"hokusai did not end within {(deadline ?? Deadline).TotalSeconds} s: {Errors}");
        }
        return _process.ExitCode;
    }

    /// <summary>Makes the end search standard error for this key.</summary>
    public void RememberKey(string key) => _keys.Add(key);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Deadline);
        await _pumps.WaitAsync(Deadline);
        _process.Dispose();
        // The report must not leak it once more.
        if (_keys.Find(key => Errors.Contains(key, StringComparison.Ordinal)) is { } key) throw new XunitException("a whole key was logged: " + Errors.Replace(key, "<THE KEY>", StringComparison.Ordinal));
    }

    private static async Task PumpAsync(StreamReader from, List<string> to, ChannelWriter<string>? lines)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lock (to) to.Add(line);
            lines?.TryWrite(line);
        }
        lines?.Complete();
    }

    private static string Text(List<string> lines)
    {
        lock (lines) return string.Join('\n', lines);
    }

    private long Status(string field)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Trim(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
