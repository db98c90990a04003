using System.IO.Pipelines;
using Hokusai.Contracts;
using Hokusai.Gateway.Connections;
using Hokusai.Gateway.Forwarding.Http1;
using Hokusai.Gateway.Resilience;
using Hokusai.Gateway.Shield;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Forwarding;

/// <summary>
/// Sends a create by way of the replay shield. It flies on when its client goes or was answered 504, so that its outcome is known, and a
/// re-send gets that outcome in place of a second run or version.
/// </summary>
internal sealed class ShieldedCreate(ReplayShield shield, RetryingSender sender, ShieldOptions options, DeadlineOptions deadlines, TimeProvider time)
{
    private const string WorkspaceHeader = "X-MLFLOW-WORKSPACE";

    /// <summary>Whether a create is shielded: its whole body must be known.</summary>
    public bool Covers(RequestBody body) => !body.IsStreamed && shield.Covers(body.Kept.Length);

    /// <summary>Sends it, or answers with what an equal one was owed.</summary>
    public async ValueTask<(FailurePlace Place, string? Detail)?> SendAsync(Sending sending, string query)
    {
        var (http, exchange) = (sending.Http, sending.Exchange);
        var fingerprint = Fingerprint.Of(exchange.Key!.KeyId, http.Request.Method, exchange.Path + query, http.Request.Headers[WorkspaceHeader].ToString(), sending.Body.Kept.Span);
        using var ticket = await shield.BeginAsync(fingerprint, exchange.RequestId, http.RequestAborted);
        switch (ticket.Verdict)
        {
            case ShieldVerdict.Replay:
                await ReplayAsync(http, exchange, fingerprint, ticket);
                return null;
            case ShieldVerdict.Lost:
                ticket.Delivered();
                return (FailurePlace.CreateLost, $"The first one was request {ticket.Outcome!.RequestId}.");
            case ShieldVerdict.StillOut:
                return (FailurePlace.CreateStillOut, null);
            default:
                return await FlyAsync(sending, fingerprint, ticket);
        }
    }

    private async ValueTask<(FailurePlace, string?)?> FlyAsync(Sending sending, Fingerprint fingerprint, ShieldTicket ticket)
    {
        await using var gone = sending.Http.RequestAborted.Register(static t => ((ShieldTicket)t!).ClientGone(), ticket);
        var flight = LandAsync(sending, ticket);
        if (!flight.IsCompleted && !await EndsInTimeAsync(flight)) return await AnswerLateAsync(sending, ticket, flight);
        var answer = await flight;
        sending.Exchange.BytesOut = answer.Body.Length;
        if (ticket.Answered(answer.Status, answer.ContentType, answer.Body)) await DeliverAsync(sending.Http, sending.Exchange, fingerprint, ticket, answer);
        return sending.Http.RequestAborted.IsCancellationRequested ? (FailurePlace.ClientGone, null) : null;
    }

    // The client is told to try again; what it tried before goes on, and the next try gets its outcome.
    private static async ValueTask<(FailurePlace, string?)?> AnswerLateAsync(Sending sending, ShieldTicket ticket, Task<WholeAnswer> flight)
    {
        ticket.ClientGone();
        // At the last moment: a failure's answer begins by clearing all headers. Kept, the connection would hold the next request until this one lands.
        sending.Http.Response.OnStarting(static response => CloseAfterAsync((HttpResponse)response), sending.Http.Response);
        await FailureAnswer.WriteAsync(sending.Http, sending.Exchange, FailurePlace.UpstreamTimeout);
        await sending.Http.Response.CompleteAsync();
        try
        {
            var answer = await flight;
            ticket.Answered(answer.Status, answer.ContentType, answer.Body);
        }
        catch (UpstreamFailure)
        {
            // LandAsync has told the ticket; the client has its answer.
        }
        return null;
    }

    private static Task CloseAfterAsync(HttpResponse response)
    {
        response.Headers.Connection = "close";
        return Task.CompletedTask;
    }

    private async ValueTask<bool> EndsInTimeAsync(Task flight)
    {
        using var stop = new CancellationTokenSource();
        var limit = Task.Delay(deadlines.Total, time, stop.Token);
        var first = await Task.WhenAny(flight, limit);
        await stop.CancelAsync();
        return first == flight;
    }

    private async Task<WholeAnswer> LandAsync(Sending sending, ShieldTicket ticket)
    {
        BegunAnswer? begun = null;
        try
        {
            begun = await sender.SendAsync(sending with { Silence = options.LongestFlight, Deadline = null });
            return await WholeAnswer.ReadAsync(begun);
        }
        catch (Exception e)
        {
            if (begun is { Response.Status: >= 200 and < 300 }) ticket.Failed(ProcessedBy.Upstream, begun.Response.Status);
            else ticket.Failed(e is UpstreamFailure { Progress: Progress.NothingSent } ? ProcessedBy.Nobody : ProcessedBy.PerhapsUpstream);
            throw;
        }
    }

    private async ValueTask ReplayAsync(HttpContext http, Exchange exchange, Fingerprint fingerprint, ShieldTicket ticket)
    {
        var outcome = ticket.Outcome!;
        exchange.ReplayedFrom = outcome.RequestId;
        http.Response.Headers[ReplayShield.ReplayedHeader] = outcome.RequestId;
        await DeliverAsync(http, exchange, fingerprint, ticket, new WholeAnswer(outcome.Status, outcome.ContentType is null ? [] : [("Content-Type", outcome.ContentType)], outcome.Body?.ToArray() ?? []));
    }

    private async ValueTask DeliverAsync(HttpContext http, Exchange exchange, Fingerprint fingerprint, ShieldTicket ticket, WholeAnswer answer)
    {
        Delivery? delivery = null;
        try
        {
            delivery = shield.Deliveries.Begin(ClientConnection.Of(http), fingerprint, ticket);
            http.RequestAborted.ThrowIfCancellationRequested();
            answer.CopyTo(http.Response);
            http.Response.Headers[HokusaiHeaders.RequestId] = exchange.RequestId;
            await http.Response.BodyWriter.WriteAsync(answer.Body);
            http.RequestAborted.ThrowIfCancellationRequested();
        }
        catch
        {
            delivery?.Abandon();
            ticket.Undelivered();
            throw;
        }
        if (delivery is null) ticket.Delivered();
        else delivery.Written(answer.Body.Length);
    }
}

/// <summary>An answer with all of its body.</summary>
internal sealed record WholeAnswer(int Status, IReadOnlyList<(string Name, string Value)> Fields, byte[] Body)
{
    public string? ContentType => Fields.FirstOrDefault(f => f.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Value;

    public static async ValueTask<WholeAnswer> ReadAsync(BegunAnswer begun)
    {
        var (status, fields) = (begun.Response.Status, begun.Response.Fields.ToArray());
        using var memory = new MemoryStream();
        var writer = PipeWriter.Create(memory, new StreamPipeWriterOptions(leaveOpen: true));
        await begun.FinishAsync(new AnswerSink(writer, null));
        await writer.CompleteAsync();
        return new WholeAnswer(status, fields, memory.ToArray());
    }

    public void CopyTo(HttpResponse response)
    {
        response.StatusCode = Status;
        foreach (var (name, value) in Fields) response.Headers.Append(name, value);
        response.ContentLength = Body.Length;
    }
}
