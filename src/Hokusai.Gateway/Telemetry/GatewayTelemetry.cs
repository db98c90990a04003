using System.Diagnostics;
using Hokusai.Gateway.Telemetry.Debugging;
using Hokusai.Gateway.Telemetry.Journal;
using Hokusai.Gateway.Telemetry.Metrics;
using Hokusai.Gateway.Telemetry.Tracing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Telemetry;

/// <summary>Everything the gateway tells of itself: metrics, journal, traces, debug log, and where each goes.</summary>
internal sealed class GatewayTelemetry : IAsyncDisposable
{
    private readonly MetricsEndpoint _metricsEndpoint;
    private readonly WhyEndpoint _why;
    private readonly DebugEndpoint _debugEndpoint;
    private readonly EmfReport? _emf;
    private readonly OtlpExport? _otlp;

    /// <summary>Starts what the options ask for.</summary>
    /// <param name="options">Checked settings, see <see cref="TelemetryOptions.Faults"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log.</param>
    /// <param name="emfOutput">Where EMF lines go when they are asked for: standard output.</param>
    public GatewayTelemetry(TelemetryOptions options, TimeProvider time, ILogger logger, TextWriter emfOutput)
    {
        Metrics = new GatewayMetrics(time);
        Journal = new ExchangeJournal(options, time);
        Debug = new DebugLogSwitch(time);
        _metricsEndpoint = new MetricsEndpoint(Metrics.Families);
        _why = new WhyEndpoint(Journal);
        _debugEndpoint = new DebugEndpoint(Debug, options, time, logger);
        if (options.Emf) _emf = new EmfReport(new EmfWriter(Metrics.Families, options, time), emfOutput, options, time, logger);
        _otlp = OtlpExport.Start(options);
        if (_otlp is not null) TelemetryLog.OtlpStarted(logger, options.OtlpEndpoint!, options.OtlpTransport);
    }

    public GatewayMetrics Metrics { get; }

    public ExchangeJournal Journal { get; }

    public DebugLogSwitch Debug { get; }

    /// <summary>Whether a path is one of those that need a key, which <see cref="TryAnswerKeyedAsync"/> answers.</summary>
    public static bool TakesKeyed(string path) => WhyEndpoint.Takes(path) || DebugEndpoint.Takes(path);

    /// <summary>Answers the paths that need no key.</summary>
    public ValueTask<bool> TryAnswerOpenAsync(HttpContext http, string path) => _metricsEndpoint.TryAnswerAsync(http, path);

    /// <summary>Answers the paths that need a key.</summary>
    public async ValueTask<bool> TryAnswerKeyedAsync(HttpContext http, string path, Contracts.Keys.ValidatedKey key) =>
        await _why.TryAnswerAsync(http, path, key) || await _debugEndpoint.TryAnswerAsync(http, path, key);

    /// <summary>A request has ended: counts it, remembers it and ends its span.</summary>
    public void RequestEnded(JournalEntry entry, Activity? span)
    {
        Metrics.RequestEnded(entry);
        Journal.Add(entry);
        GatewayTracing.EndRequest(span, entry);
    }

    /// <summary>Writes and sends what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_emf is not null) await _emf.DisposeAsync();
        _otlp?.Dispose();
        Metrics.Dispose();
    }
}
