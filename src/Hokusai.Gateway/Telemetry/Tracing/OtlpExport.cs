using Hokusai.Gateway.Telemetry.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Hokusai.Gateway.Telemetry.Tracing;

/// <summary>Sends traces and metrics to a collector. While none is configured nobody listens, and requests make no spans.</summary>
internal sealed class OtlpExport : IDisposable
{
    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;

    private OtlpExport(TelemetryOptions options, string endpoint)
    {
        var resource = ResourceBuilder.CreateEmpty().AddService(options.ServiceName).AddTelemetrySdk();
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TraceRatio)))
            .AddSource(GatewayTracing.SourceName)
            .AddOtlpExporter(exporter => Configure(exporter, options, endpoint, "/v1/traces"))
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(GatewayMetricList.MeterName)
            .SetMaxMetricStreams(GatewayMetricList.All.Count + 1)
            .SetExemplarFilter(ExemplarFilterType.TraceBased)
            .AddView(_ => new MetricStreamConfiguration { CardinalityLimit = MetricFamily.MostSeries + 1 })
            .AddOtlpExporter(exporter => Configure(exporter, options, endpoint, "/v1/metrics"))
            .Build();
    }

    /// <summary>Starts to export, if a collector is configured.</summary>
    public static OtlpExport? Start(TelemetryOptions options) => options.OtlpEndpoint is { } endpoint ? new OtlpExport(options, endpoint) : null;

    /// <summary>Sends what is left, within the exporter's own deadline, and ends.</summary>
    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
    }

    private static void Configure(OtlpExporterOptions exporter, TelemetryOptions options, string endpoint, string signal)
    {
        var http = options.OtlpTransport == OtlpTransport.HttpProtobuf;
        exporter.Protocol = http ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        // An endpoint that is set by code is taken as it stands, so the signal's path is ours to add.
        exporter.Endpoint = new Uri(http ? endpoint.TrimEnd('/') + signal : endpoint);
    }
}
