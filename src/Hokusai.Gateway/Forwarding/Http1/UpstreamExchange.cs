using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Forwarding.Http1;

/// <summary>One attempt: a request out and its answer in, over one connection.</summary>
/// <remarks>
/// 1. Send the head, with the body if it was kept. 2. Carry a streamed body through while waiting for the answer's head: an upstream
/// may answer before it has everything. 3. Read the answer's head. 4. The caller decides whether the answer goes to the client; if so
/// <see cref="RelayAsync"/> carries it through.
/// </remarks>
/// <param name="connection">The connection.</param>
/// <param name="client">The client's request.</param>
/// <param name="body">Its body.</param>
/// <param name="once">Whether it must not be sent again once the upstream may have seen it: then it is worth finding out that it has not.</param>
/// <param name="answerDeadline">Deadline for the answer's beginning.</param>
/// <param name="silence">How long either side may say nothing.</param>
internal sealed class UpstreamExchange(UpstreamConnection connection, HttpContext client, RequestBody body, bool once, TimeSpan answerDeadline, TimeSpan silence)
{
    // So much goes to the system in one piece: a write that fails took nothing of it.
    private const int OnePiece = 16 * 1024;

    private Task<long>? _sending;

    public Progress Progress { get; private set; }

    /// <summary>Whether the connection may carry another request after this one.</summary>
    public bool IsReusable => connection.Response.KeepAlive && connection.Response.Framing != Framing.UntilClose && _sending is null or { IsCompletedSuccessfully: true };

    /// <summary>Steps 1 to 3.</summary>
    /// <param name="head">The request's head, and its body if that was kept.</param>
    /// <exception cref="UpstreamFailure">No answer came.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask AskAsync(ReadOnlyMemory<byte> head)
    {
        ulong? acknowledged = null;
        try
        {
            connection.LimitSilence(answerDeadline);
            // Only what must not be sent twice is worth the question, and only an old connection can have ended unseen.
            if (once && connection.Reused) acknowledged = connection.Acknowledged;
            // From here on it can't be known that nothing was processed. A short write that fails is the exception: the connection had ended before.
            if (head.Length > OnePiece) Progress = Progress.Sent;
            await connection.SendAsync(head);
            Progress = Progress.Sent;
            if (body.IsStreamed)
            {
                _sending = BodyRelay.SendAsync(client.Request, body, connection, silence);
                await ReadHeadWhileSendingAsync(_sending);
            }
            else
            {
                // Here and not in a method of its own: on the way of every small request each one costs.
                while (!TryTakeHead())
                {
                    if (!connection.Received(await connection.ReceiveMoreAsync())) throw ClosedBeforeAnswer();
                }
            }
        }
        catch (Exception e) when (e is not BadHttpRequestException)
        {
            var failure = connection.Explain(e, Progress);
            // A write that somebody ended while it was under way is another matter: it may have gone out in part.
            if (failure is { Progress: Progress.NothingSent, Place: not FailurePlace.UpstreamReset }) throw connection.Explain(e, Progress.Sent);
            if (failure is { Progress: Progress.Sent, Place: FailurePlace.UpstreamReset } && acknowledged is { } before && await connection.HadClosedAsync(before))
                throw new UpstreamFailure(FailurePlace.UpstreamReset, Progress.NothingSent, $"{connection.Address} had closed the connection before the request reached it.", e);
            throw failure;
        }
    }

    /// <summary>Step 4: the answer goes to the client, or into memory.</summary>
    /// <returns>How many bytes its body had.</returns>
    /// <exception cref="UpstreamFailure">It broke off; the client has half of it.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<long> RelayAsync(AnswerSink sink)
    {
        try
        {
            return await BodyRelay.ReceiveAsync(connection, sink, silence);
        }
        catch (Exception e)
        {
            throw connection.Explain(e, Progress.AnswerBegun);
        }
    }

    /// <summary>Makes sure that nothing of this attempt touches the client's request any more.</summary>
    public async ValueTask SettleAsync()
    {
        if (_sending is null or { IsCompleted: true }) return;
        client.Request.BodyReader.CancelPendingRead();
        connection.Abort();
        await _sending.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReadHeadAsync()
    {
        while (!TryTakeHead())
        {
            if (!connection.Received(await connection.ReceiveMoreAsync())) throw ClosedBeforeAnswer();
        }
    }

    private bool TryTakeHead()
    {
        if (connection.Unread.IsEmpty) return false;
        Progress = Progress.AnswerBegun;
        if (!connection.Response.TryRead(connection.Unread, HttpMethods.IsHead(client.Request.Method), out var consumed)) return false;
        connection.Consume(consumed);
        return true;
    }

    private UpstreamFailure ClosedBeforeAnswer() => new(FailurePlace.UpstreamReset, Progress, $"{connection.Address} closed the connection before it answered.");

    // Three ends: the answer comes first (an upstream may refuse early), the body is sent first, or one of the two breaks.
    private async Task ReadHeadWhileSendingAsync(Task<long> sending)
    {
        var answer = ReadHeadAsync().AsTask();
        await Task.WhenAny(sending, answer);
        if (sending.IsCompletedSuccessfully) connection.LimitSilence(answerDeadline);
        if (!sending.IsFaulted && !sending.IsCanceled)
        {
            await answer;
            return;
        }
        // A body that the client broke off is the client's fault. If the upstream took no more, it may have said why before.
        if (IsClients(sending.Exception?.InnerException)) connection.Abort();
        await answer.ContinueWith(static _ => { }, TaskScheduler.Default);
        if (!answer.IsCompletedSuccessfully) await sending;
    }

    private bool IsClients(Exception? error) => client.RequestAborted.IsCancellationRequested || error is BadHttpRequestException or ConnectionResetException or ConnectionAbortedException;
}
