using System.Diagnostics;
using System.Runtime.CompilerServices;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Discovery;
using Hokusai.Gateway.Forwarding.Http1;
using Hokusai.Gateway.Resilience;
using Hokusai.Gateway.Telemetry;
using Hokusai.Gateway.Telemetry.Tracing;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Forwarding;

/// <summary>What the attempts of one request share.</summary>
/// <param name="Http">The client's request.</param>
/// <param name="Exchange">What is known of it.</param>
/// <param name="Body">Its body.</param>
/// <param name="Head">Its head as it is sent, with the body behind it if that was kept.</param>
/// <param name="Silence">How long either side may say nothing.</param>
/// <param name="Deadline">What is left of its time; null for artifacts, which have no total limit.</param>
/// <param name="BoundToClient">Whether it ends when the client goes. A create flies on, so that its outcome is known.</param>
internal sealed record Sending(HttpContext Http, Exchange Exchange, RequestBody Body, ReadOnlyMemory<byte> Head, TimeSpan Silence, Deadline? Deadline, bool BoundToClient)
{
    /// <summary>Whether it can't be sent again once the upstream may have seen it.</summary>
    public bool IsOnce => Body.IsStreamed || Exchange.Endpoint!.Retry == RetryClass.Never;
}

/// <summary>An answer that has begun, on a connection that is still rented.</summary>
internal sealed class BegunAnswer(AddressPool pool, UpstreamConnection connection, UpstreamExchange exchange, CancellationTokenRegistration gone)
{
    public ResponseReader Response => connection.Response;

    /// <summary>Carries the rest through and gives the connection back.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<long> FinishAsync(AnswerSink sink)
    {
        var whole = false;
        try
        {
            var length = await exchange.RelayAsync(sink);
            whole = true;
            return length;
        }
        finally
        {
            await CloseAsync(whole && exchange.IsReusable);
        }
    }

    /// <summary>Lets the rest go, and the connection with it.</summary>
    public ValueTask DropAsync() => CloseAsync(reusable: false);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask CloseAsync(bool reusable)
    {
        await exchange.SettleAsync();
        await gone.DisposeAsync();
        pool.Return(connection, reusable);
    }
}

/// <summary>One attempt: an address, a connection, the question, and the beginning of the answer; with its record, span and consequences for the address.</summary>
internal sealed class AttemptRunner(UpstreamAddresses addresses, UpstreamPools pools, TimeProvider time)
{
    /// <summary>Runs an attempt.</summary>
    /// <param name="sending">The request.</param>
    /// <param name="limit">Deadline for the answer's beginning.</param>
    /// <param name="retryReason">Why it follows another one; null for the first.</param>
    /// <exception cref="UpstreamFailure">It came to nothing.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<BegunAnswer> RunAsync(Sending sending, TimeSpan limit, string? retryReason)
    {
        var exchange = sending.Exchange;
        var started = time.GetTimestamp();
        var record = new Attempt(null, false, time.GetElapsedTime(exchange.Started, started), null, null, default, null, null, retryReason);
        Activity? span = null;
        AddressPool? pool = null;
        BegunAnswer? answer = null;
        try
        {
            pool = await ChooseAsync(sending);
            span = GatewayTracing.StartAttempt(exchange.Span, sending.Http.Request.Method, pool.Name, exchange.Attempts.Length + 1);
            var connection = await pool.RentAsync(fresh: retryReason is not null, once: sending.IsOnce);
            record = record with { Address = pool.Name, ReusedConnection = connection.Reused, Connected = connection.Reused ? null : time.GetElapsedTime(started) };
            var asking = new UpstreamExchange(connection, sending.Http, sending.Body, sending.IsOnce && !sending.Body.IsStreamed, limit, sending.Silence);
            var gone = sending.BoundToClient ? sending.Http.RequestAborted.UnsafeRegister(static c => ((UpstreamConnection)c!).Abort(), connection) : default;
            answer = new BegunAnswer(pool, connection, asking, gone);
            await asking.AskAsync(sending.Head);
            if (connection.Response.Status is 403 or 404 && await UpstreamSetup.FaultAsync(connection, exchange.Endpoint!.Label) is { } fault) throw fault;
            var took = time.GetElapsedTime(started);
            record = record with { FirstByte = took, Took = took, Status = answer.Response.Status };
            pool.Succeeded(connection.OpenedAt);
            return answer;
        }
        catch (UpstreamFailure failure)
        {
            record = record with { Failure = failure.Place };
            if (pool is not null) NoteFailure(pool, failure, record.ReusedConnection);
            throw;
        }
        finally
        {
            if (record.Status is null && answer is not null) await answer.DropAsync();
            if (record.Took == default) record = record with { Took = time.GetElapsedTime(started) };
            exchange.Add(record);
            GatewayTracing.EndAttempt(span, in record);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<AddressPool> ChooseAsync(Sending sending)
    {
        var known = await addresses.GetAsync(sending.BoundToClient ? sending.Http.RequestAborted : CancellationToken.None);
        if (known.Addresses.Count == 0) throw NoAddress(known);
        var attempts = sending.Exchange.Attempts;
        return pools.Choose(known.Addresses, attempts.Length == 0 ? null : attempts[^1].Address);
    }

    // A slow answer says nothing about the address; no connection, or one that breaks off, does.
    private void NoteFailure(AddressPool pool, UpstreamFailure failure, bool reused)
    {
        if (failure.Place is not (FailurePlace.ConnectFailed or FailurePlace.UpstreamReset)) return;
        // A pooled connection that the upstream had closed is the usual race, not a sign of illness.
        if (failure.Place == FailurePlace.UpstreamReset && reused && failure.Progress != Progress.AnswerBegun)
        {
            pool.CloseIdle();
            return;
        }
        pool.Failed();
        addresses.ReportConnectFailure(pool.Address);
    }

    // A name that DNS does not know is a setting to mend; a resolver that is away or an empty answer may be better in a moment.
    private static UpstreamFailure NoAddress(AddressSnapshot known) => new(
        known.State == ResolutionState.NameUnknown ? FailurePlace.UpstreamNameUnknown : FailurePlace.NoAddress, Progress.NothingSent, known.LastError);
}
