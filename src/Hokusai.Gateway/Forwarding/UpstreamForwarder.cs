using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Hokusai.Contracts;
using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding.Http1;
using Hokusai.Gateway.Limits;
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
            body = exchange.Body ?? await RequestBody.TakeAsync(http, exchange.Endpoint.Body, options.LargestMetadataBody, silence, time);
            if (body.IsStreamed && exchange.Endpoint.Class != EndpointClass.Read) body.Meter = exchange.Meter;
            using var head = new PooledBuffer(HeadCapacity + body.Kept.Length);
            var query = RawTarget.QueryOf(http.Features.Get<IHttpRequestFeature>()!.RawTarget);
            _writer.Write(head, http.Request, exchange, query, body.Length);
            head.Write(body.Kept.Span);
            Deadline? deadline = artifact ? null : new Deadline(options.Resilience.Deadlines, time);
            var sending = new Sending(http, exchange, body, head.Written, silence, deadline, BoundToClient: true);
            if (exchange.Endpoint.Creates && creates.Covers(body)) return await creates.SendAsync(sending with { BoundToClient = false }, query.ToString());
            var answer = await sender.SendAsync(sending);
            var meter = exchange is { Meter: { } limit, Endpoint.Class: EndpointClass.Read } && answer.Response is { Status: >= 200 and < 300, Framing: not Framing.None } ? limit : null;
            if (meter is not null) await ReserveAsync(answer, meter);
            await CopyHeadAsync(answer, http.Response);
            http.Response.Headers[HokusaiHeaders.RequestId] = exchange.RequestId;
            var writer = meter is null ? http.Response.BodyWriter : await MeterAsync(answer, http.Response, meter);
            exchange.BytesOut = await answer.FinishAsync(new AnswerSink(writer, http));
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

    // The server takes no control characters in a field; an answer that holds one must not keep its connection.
    private static ValueTask CopyHeadAsync(BegunAnswer answer, HttpResponse response)
    {
        try
        {
            answer.Response.CopyTo(response);
            return ValueTask.CompletedTask;
        }
        catch (InvalidOperationException)
        {
            return DropAsync(answer);
        }
    }

    private static async ValueTask DropAsync(BegunAnswer answer)
    {
        await answer.DropAsync();
        throw ResponseReader.Malformed("a field holds a control character");
    }

    // An answer whose length is known is refused while it can still be said why.
    private static async ValueTask ReserveAsync(BegunAnswer answer, ByteMeter meter)
    {
        long? length = answer.Response.Framing == Framing.Length ? answer.Response.Length : null;
        if (await meter.TryReserveAsync(length ?? ByteMeter.Block, length ?? 1)) return;
        await answer.DropAsync();
        throw meter.Refusal(length ?? 1, Progress.Sent);
    }

    private static async ValueTask<PipeWriter> MeterAsync(BegunAnswer answer, HttpResponse response, ByteMeter meter)
    {
        var whole = answer.Response.Framing == Framing.Length;
        try
        {
            // Begun before its first byte: one that is cut must not be followed by an error's text.
            if (!whole) await response.StartAsync();
            return new MeteredWriter(response.BodyWriter, meter) { IsWhole = whole };
        }
        catch
        {
            await answer.DropAsync();
            throw;
        }
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
