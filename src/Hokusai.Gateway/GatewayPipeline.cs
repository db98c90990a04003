using System.Runtime.CompilerServices;
using Hokusai.Contracts;
using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Admission;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Connections;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Health;
using Hokusai.Gateway.Limits;
using Hokusai.Gateway.Sessions;
using Hokusai.Gateway.Telemetry;
using Hokusai.Gateway.Telemetry.Tracing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway;

/// <summary>
/// The way of a request through the gateway. The stages stand in <see cref="RunAsync"/> in their order, and nothing else decides it:
/// identify, own endpoints, refuse if this is the end, sign browsers in and out, look up in the catalogue, admit, limit the body, limit the key, authorize and forward; and whatever happens, one log line.
/// </summary>
internal sealed class GatewayPipeline(
    GatewayOptions options, OwnEndpoints own, Admission.Admission admission, SessionEndpoints sessions, RequestLimits limits, Authorization.Authorization authorization, ClientAddress addresses, KeyUseReport uses, GatewayTelemetry telemetry, Breakers breakers, Drain drain, TimeProvider time, ILogger logger)
{
    private static readonly PathTable<MlflowEndpoint> Catalogue = RouteCatalogue.Build();

    private readonly RequestAccount _account = new(telemetry, uses, breakers, logger, time);

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        var path = RawTarget.PathOf(http.Features.Get<IHttpRequestFeature>()!.RawTarget).ToString();
        if (await own.TryAnswerAsync(http, path)) return;
        var exchange = new Exchange { ClientIp = addresses.Of(http), Path = GatewayPath.Cut(path) is { Length: var length } cut && length == path.Length ? path : cut.ToString(), At = time.GetUtcNow(), Started = time.GetTimestamp() };
        telemetry.Metrics.RequestBegan();
        // So that no kept connection is left to be closed in the moment of its next request.
        if (drain.HasBegun) http.Response.OnStarting(static response => CloseAfterAsync((HttpResponse)response), http.Response);
        exchange.Span = GatewayTracing.StartRequest(http, exchange.RequestId);
        try
        {
            if (await RunAsync(http, exchange, path) is { } failure && !await sessions.TryAskAsync(http, exchange, path, failure.Place, failure.Detail)) await FailureAnswer.WriteAsync(http, exchange, failure.Place, failure.Detail);
        }
        catch (Exception e) when (e is BadHttpRequestException or ConnectionResetException or ConnectionAbortedException)
        {
            // The body for one of the own endpoints is broken, or did not come.
            var (place, detail) = UpstreamForwarder.Locate(http, e);
            await FailureAnswer.WriteAsync(http, exchange, place, detail);
        }
        catch (Exception e)
        {
            // The seam: whatever was not foreseen still gets a log line and, if it is not too late, an answer that names the request.
            if (!http.RequestAborted.IsCancellationRequested) Log.RequestCrashed(logger, e, exchange.RequestId);
            await FailureAnswer.WriteAsync(http, exchange, http.RequestAborted.IsCancellationRequested ? FailurePlace.ClientGone : FailurePlace.Internal);
        }
        finally
        {
            _account.Close(http, exchange);
        }
        if (http.Response.StatusCode >= StatusCodes.Status400BadRequest) await UnreadBody.DiscardAsync(http, time);
    }

    private static Task CloseAfterAsync(HttpResponse response)
    {
        response.Headers.Connection = "close";
        return Task.CompletedTask;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(FailurePlace Place, string? Detail)?> RunAsync(HttpContext http, Exchange exchange, string path)
    {
        if (drain.Refuses) return (FailurePlace.Draining, null);
        if (SessionEndpoints.Takes(http.Request, exchange.Path)) return await sessions.AnswerAsync(http, exchange, path);
        if (GatewayTelemetry.TakesKeyed(path)) return await AnswerKeyedAsync(http, exchange, path);
        if (LookUp(http, exchange) is { } unknown) return (unknown, null);
        if (await admission.AdmitAsync(http, exchange) is { } denied) return denied;
        _account.CaptureIfAsked(http, exchange);
        if (LimitBody(http, exchange) is { } tooLarge) return tooLarge;
        if (await limits.EnterAsync(http, exchange) is { } exceeded) return exceeded;
        try
        {
            return await authorization.ForwardAsync(http, exchange);
        }
        finally
        {
            if (exchange.Meter is not null || exchange.RunTakenOn is not null) await limits.LeaveAsync(exchange);
        }
    }

    // What happened to whose request is told to whose it was.
    private async ValueTask<(FailurePlace Place, string? Detail)?> AnswerKeyedAsync(HttpContext http, Exchange exchange, string path)
    {
        if (await admission.IdentifyAsync(http, exchange) is { } denied) return denied;
        http.Response.Headers[HokusaiHeaders.RequestId] = exchange.RequestId;
        return await telemetry.TryAnswerKeyedAsync(http, path, exchange.Key!) ? null : (FailurePlace.EndpointUnknown, null);
    }

    private static FailurePlace? LookUp(HttpContext http, Exchange exchange)
    {
        exchange.Endpoint = Catalogue.Find(http.Request.Method, exchange.Path, out var parameters, out var allowed);
        (exchange.PathParameters, exchange.AllowedMethods) = (parameters, allowed);
        if (exchange.Endpoint is not null) return null;
        return allowed is null ? FailurePlace.EndpointUnknown : FailurePlace.MethodUnknown;
    }

    // By the announced length where there is one; a body without one is counted when it is read. The server's own limit would leave the rest
    // unread, and a load balancer that still sends it with a closed connection.
    private (FailurePlace, string?)? LimitBody(HttpContext http, Exchange exchange)
    {
        if (exchange.Endpoint!.Body == BodyClass.Artifact) return null;
        if (http.Request.ContentLength > options.LargestMetadataBody)
            return (FailurePlace.BodyTooLarge, $"It has {http.Request.ContentLength} bytes, the gateway takes {options.LargestMetadataBody} here.");
        return null;
    }
}
