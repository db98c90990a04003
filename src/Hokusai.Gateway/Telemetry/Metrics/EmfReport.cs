using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Telemetry.Metrics;

/// <summary>Writes EMF lines every so often, and what is left at the end.</summary>
internal sealed class EmfReport : IAsyncDisposable
{
    private readonly EmfWriter _writer;
    private readonly TextWriter _output;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public EmfReport(EmfWriter writer, TextWriter output, TelemetryOptions options, TimeProvider time, ILogger logger)
    {
        (_writer, _output, _logger) = (writer, output, logger);
        _loop = RunAsync(new PeriodicTimer(options.EmfInterval, time));
    }

    /// <summary>Stops and writes what happened since the last lines.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await WriteAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(PeriodicTimer timer)
    {
        using (timer)
        {
            try
            {
                while (await timer.WaitForNextTickAsync(_stop.Token)) await WriteAsync();
            }
            catch (OperationCanceledException)
            {
                // The gateway stops; DisposeAsync writes the rest.
            }
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            foreach (var line in _writer.Lines()) await _output.WriteLineAsync(line);
            await _output.FlushAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Nobody reads standard output any more: no reason to stop answering requests.
            TelemetryLog.EmfLost(_logger, e.Message);
        }
    }
}
