using Hokusai.Gateway.Admission;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Telemetry.Debugging;
using Hokusai.Gateway.Telemetry.Journal;
using Hokusai.Gateway.Telemetry.Metrics;
using Hokusai.Gateway.Telemetry.Tracing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Telemetry;

/// <summary>Closes the books on a request: one log line, one journal entry from which metrics and trace follow, and the debug record if one was asked for.</summary>
internal sealed class RequestAccount(GatewayTelemetry telemetry, KeyUseReport uses, Breakers breakers, ILogger logger, TimeProvider time)
{
    private readonly RequestLog _log = new(logger, time);

    /// <summary>Begins a debug record, if the switch is on for the request's key or path.</summary>
    public void CaptureIfAsked(HttpContext http, Exchange exchange)
    {
        if (!telemetry.Debug.IsOn || telemetry.Debug.Match(exchange.Key?.KeyId, exchange.Path) is not { } rule) return;
        exchange.Capture = new DebugCapture(rule, http, exchange.Endpoint?.Body == BodyClass.Artifact);
        exchange.Capture.Attach(http);
    }

    public void Close(HttpContext http, Exchange exchange)
    {
        _log.Write(http, exchange, exchange.Started);
        exchange.Capture?.Write(logger, http, exchange.RequestId);
        telemetry.RequestEnded(Entry(http, exchange), exchange.Span);
        CountUse(http, exchange);
    }

    private void CountUse(HttpContext http, Exchange exchange)
    {
        if (exchange.Failure is { } place && TagWords.IsAuthRefusal(place)) uses.Refused(Failures.Of(place).Code, exchange.Key?.KeyId, exchange.PresentedKey?.Display, exchange.ClientIp, exchange.At);
        else if (exchange.Key is { } key) uses.Used(key.KeyId, exchange.ClientIp, http.Request.Headers.UserAgent, exchange.At);
    }

    private JournalEntry Entry(HttpContext http, Exchange exchange) => new()
    {
        RequestId = exchange.RequestId,
        At = exchange.At,
        Method = http.Request.Method,
        Label = exchange.Endpoint?.Label ?? "",
        Path = exchange.Path,
        Class = exchange.Endpoint?.Class,
        Body = exchange.Endpoint?.Body ?? BodyClass.Metadata,
        KeyId = exchange.Key?.KeyId,
        ClientIp = exchange.ClientIp,
        Status = exchange.Failure is FailurePlace.ClientGone ? 499 : http.Response.StatusCode,
        Failure = exchange.Failure,
        FailureDetail = exchange.FailureDetail,
        CredentialPlace = exchange.CredentialPlace,
        VerdictSource = exchange.VerdictSource,
        Took = time.GetElapsedTime(exchange.Started),
        AuthTook = exchange.AuthTook,
        UpstreamTook = exchange.UpstreamTook,
        Attempts = exchange.Attempts,
        Breakers = breakers.States,
        Upstream = exchange.Upstream,
        BytesIn = exchange.BytesIn,
        BytesOut = exchange.BytesOut,
        ReplayedFrom = exchange.ReplayedFrom,
        TraceId = GatewayTracing.TraceIdOf(http, exchange.Span),
    };
}
