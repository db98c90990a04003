using System.Diagnostics;
using System.Threading.Channels;
using Xunit.Sdk;

namespace Hokusai.SystemTests.Image;

/// <summary>A container in the foreground of a podman of its own.</summary>
internal sealed class RunningContainer : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Podman _podman;
    private readonly string _name;
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task _output;
    private readonly Task<string> _errors;

    public RunningContainer(Podman podman, string name, IEnumerable<string> command)
    {
        (_podman, _name) = (podman, name);
        _process = Process.Start(new ProcessStartInfo(Podman.Executable, command) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true }) ?? throw new InvalidOperationException("can't start podman");
        _output = PumpAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Waits for the line of standard output that begins with a text.</summary>
    /// <returns>The rest of that line.</returns>
    public async Task<string> ReadAsync(string beginning)
    {
        try
        {
            while (true)
            {
                var line = await _lines.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Deadline);
                if (line.StartsWith(beginning, StringComparison.Ordinal)) return line[beginning.Length..].Trim();
            }
        }
        catch (Exception e) when (e is ChannelClosedException or TimeoutException)
        {
            throw new XunitException($"{_name}: no line '{beginning}…' ({e.GetType().Name}){(_process.HasExited ? ": " + await _errors : "")}");
        }
    }

    /// <summary>Runs a command in the container.</summary>
    public Task<Script> ExecuteAsync(params IEnumerable<string> command) => _podman.TryAsync(["exec", _name, .. command]);

    /// <summary>Sends SIGTERM, as an orchestrator does, and waits for the end.</summary>
    /// <returns>The container's exit code, and its log.</returns>
    public async Task<(int Code, string Log)> TerminateAsync()
    {
        await _podman.DoAsync("kill", "--signal", "TERM", _name);
        return await WaitForExitAsync();
    }

    /// <summary>Waits for the end.</summary>
    public async Task<(int Code, string Log)> WaitForExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Deadline);
        return (_process.ExitCode, await _errors.WaitAsync(Deadline));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await _podman.TryAsync("rm", "--force", "--time", "0", _name);
            if (!_process.HasExited) _process.Kill();
        }
        await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Deadline);
        await _output.WaitAsync(Deadline);
        _process.Dispose();
    }

    private async Task PumpAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line) _lines.Writer.TryWrite(line);
        _lines.Writer.Complete();
    }
}
