using System.Buffers;
using System.Runtime.CompilerServices;
using Hokusai.Contracts;
using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding.Http1;
using Hokusai.Gateway.Resilience;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hokusai.Gateway.Forwarding;

/// <summary>Sends a request to MLflow and its answer back.</summary>
/// <remarks>
/// 1. Take the body: keep a small one, leave a large one where it is. 2. Write the head once. 3. A create goes by way of the replay shield.
/// 4. Get an answer to begin (<see cref="RetryingSender"/>). 5. Carry it through to the client.
/// </remarks>
internal sealed class UpstreamForwarder(GatewayOptions options, RetryingSender sender, ShieldedCreate creates, TimeProvider time)
{
    private const int HeadCapacity = 2048;

    private readonly RequestWriter _writer = new(options, new Uri(options.Upstream));

    /// <summary>Forwards; says where it failed if it did.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(FailurePlace Place, string? Detail)?> ForwardAsync(HttpContext http, Exchange exchange)
    {
        exchange.Upstream = options.Upstream;
        var artifact = exchange.Endpoint!.Body == BodyClass.Artifact;
        var silence = artifact ? options.ArtifactIdle : options.MetadataIdle;
        var began = time.GetTimestamp();
        RequestBody? body = null;
        try
        {
            body = exchange.Body ?? await RequestBody.TakeAsync(http, exchange.Endpoint.Body, silence, time);
            using var head = new PooledBuffer(HeadCapacity + body.Kept.Length);
            var query = RawTarget.QueryOf(http.Features.Get<IHttpRequestFeature>()!.RawTarget);
            _writer.Write(head, http.Request, exchange, query, body.Length);
            head.Write(body.Kept.Span);
            Deadline? deadline = artifact ? null : new Deadline(options.Resilience.Deadlines, time);
            var sending = new Sending(http, exchange, body, head.Written, silence, deadline, BoundToClient: true);
            if (exchange.Endpoint.Creates && creates.Covers(body)) return await creates.SendAsync(sending with { BoundToClient = false }, query.ToString());
            await RelayAsync(sending);
            return null;
        }
        catch (Exception e)
        {
            return Locate(http, e);
        }
        finally
        {
            exchange.UpstreamTook += time.GetElapsedTime(began);
            exchange.BytesIn = body?.Taken ?? 0;
            if (exchange.Body is null) body?.Dispose();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask RelayAsync(Sending sending)
    {
        var answer = await sender.SendAsync(sending);
        var response = sending.Http.Response;
        answer.Response.CopyTo(response);
        response.Headers[HokusaiHeaders.RequestId] = sending.Exchange.RequestId;
        sending.Exchange.BytesOut = await answer.FinishAsync(new AnswerSink(response.BodyWriter, sending.Http));
    }

    internal static (FailurePlace, string?) Locate(HttpContext http, Exception error) => error switch
    {
        // The upstream's breaking off in mid-answer makes us abort the client; that must not read as the client's doing.
        UpstreamFailure { Place: not FailurePlace.ClientGone, Progress: Progress.AnswerBegun } failure when http.Response.HasStarted => (failure.Place, failure.Detail),
        _ when http.RequestAborted.IsCancellationRequested => (FailurePlace.ClientGone, null),
        UpstreamFailure failure => (failure.Place, failure.Detail),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } tooLarge => (FailurePlace.BodyTooLarge, tooLarge.Message),
        BadHttpRequestException bad => (FailurePlace.RequestMalformed, bad.Message),
        ConnectionResetException or ConnectionAbortedException or OperationCanceledException => (FailurePlace.ClientGone, null),
        _ => (FailurePlace.Internal, error.GetType().Name),
    };
}
