using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Admission;
using Hokusai.Gateway.Forwarding;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Telemetry;

/// <summary>One line for each request. Names its key by id, never shows it; paths are cut where they hold something like a key.</summary>
internal sealed class RequestLog(ILogger logger, TimeProvider time)
{
    public void Write(HttpContext http, Exchange exchange, long started)
    {
        var level = exchange.Failure is { } place ? Failures.Of(place).Level : LogLevel.Information;
        if (!logger.IsEnabled(level)) return;
        var route = exchange.Endpoint?.Label ?? $"{http.Request.Method} {KeyRedactor.Redact(exchange.Path)}";
        var status = exchange.Failure is FailurePlace.ClientGone ? 499 : http.Response.StatusCode;
        var total = time.GetElapsedTime(started).TotalMilliseconds;
        var keyId = exchange.Key?.KeyId ?? "-";
        if (exchange.Failure is { } failure)
        {
            Log.RequestFailed(logger, level, route, status, failure, Failures.Of(failure).Code, KeyRedactor.Redact(exchange.FailureDetail ?? ""), exchange.Upstream ?? "-", total, exchange.AuthTook.TotalMilliseconds, exchange.UpstreamTook.TotalMilliseconds,
                keyId, exchange.PresentedKey?.Display ?? "-", exchange.CredentialPlace, exchange.VerdictSource, exchange.Verdict?.Status, exchange.Verdict?.Took.TotalMilliseconds ?? 0,
                exchange.ClientIp, KeyRedactor.Redact(ClientAddress.ChainOf(http)), exchange.RequestId);
            return;
        }
        Log.RequestServed(logger, route, status, exchange.Upstream ?? "-", total, exchange.AuthTook.TotalMilliseconds, exchange.UpstreamTook.TotalMilliseconds, keyId, exchange.ClientIp, exchange.RequestId);
    }
}
