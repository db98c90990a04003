using System.Buffers;
using Hokusai.Contracts;
using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Discovery;
using Hokusai.Gateway.Forwarding.Http1;
using Hokusai.Gateway.Health;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hokusai.Gateway.Forwarding;

/// <summary>Sends a request to MLflow and its answer back.</summary>
/// <remarks>
/// 1. Take the body: keep a small one, leave a large one where it is. 2. Write the head once. 3. Try: choose an address, rent a
/// connection, ask. 4. If that came to nothing and it is safe, try again elsewhere. 5. Carry the answer through.
/// </remarks>
internal sealed class UpstreamForwarder : IAsyncDisposable
{
    private const int HeadCapacity = 2048;

    private readonly UpstreamAddresses _addresses;
    private readonly GatewayOptions _options;
    private readonly UpstreamPools _pools;
    private readonly RequestWriter _writer;
    private readonly TimeProvider _time;

    public UpstreamForwarder(GatewayOptions options, UpstreamAddresses addresses, TimeProvider time)
    {
        var upstream = new Uri(options.Upstream);
        _options = options;
        _addresses = addresses;
        _time = time;
        _pools = new UpstreamPools(upstream, options.Pool, time);
        _writer = new RequestWriter(options, upstream);
    }

    /// <summary>Forwards; says where it failed if it did.</summary>
    public async ValueTask<(FailurePlace Place, string? Detail)?> ForwardAsync(HttpContext http, Exchange exchange)
    {
        exchange.Upstream = _options.Upstream;
        var silence = exchange.Endpoint!.Body == BodyClass.Artifact ? _options.ArtifactIdle : _options.MetadataIdle;
        try
        {
            using var body = await RequestBody.TakeAsync(http, exchange.Endpoint.Body, silence, _time);
            using var head = new PooledBuffer(HeadCapacity + body.Kept.Length);
            _writer.Write(head, http.Request, exchange, RawTarget.QueryOf(http.Features.Get<IHttpRequestFeature>()!.RawTarget), body.Length);
            head.Write(body.Kept.Span);
            await TryAsync(http, exchange, body, head.Written, silence);
            return null;
        }
        catch (Exception e)
        {
            return Locate(http, e);
        }
    }

    /// <summary>Whether the upstream answers its health check within a deadline.</summary>
    public async Task<bool> IsHealthyAsync(TimeSpan deadline, CancellationToken cancellation)
    {
        var known = await _addresses.GetAsync(cancellation);
        foreach (var address in known.Addresses)
        {
            if (await UpstreamProbe.IsHealthyAsync(new Uri(_options.Upstream), address, deadline, _time, cancellation)) return true;
        }
        return false;
    }

    public ValueTask DisposeAsync() => _pools.DisposeAsync();

    private async ValueTask TryAsync(HttpContext http, Exchange exchange, RequestBody body, ReadOnlyMemory<byte> head, TimeSpan silence)
    {
        var known = await _addresses.GetAsync(http.RequestAborted);
        if (known.Addresses.Count == 0) throw NoAddress(known);
        var pool = _pools.Choose(known.Addresses, null);
        exchange.Attempts++;
        var connection = await RentAsync(pool);
        var attempt = new UpstreamExchange(connection, http, body, silence, silence);
        var reusable = false;
        var gone = http.RequestAborted.UnsafeRegister(static c => ((UpstreamConnection)c!).Abort(), connection);
        try
        {
            await attempt.AskAsync(head);
            connection.Response.CopyTo(http.Response);
            http.Response.Headers[HokusaiHeaders.RequestId] = exchange.RequestId;
            await attempt.RelayAsync();
            pool.Succeeded();
            reusable = attempt.IsReusable;
        }
        finally
        {
            await attempt.SettleAsync();
            await gone.DisposeAsync();
            pool.Return(connection, reusable);
        }
    }

    private async ValueTask<UpstreamConnection> RentAsync(AddressPool pool)
    {
        try
        {
            return await pool.RentAsync(fresh: false);
        }
        catch (UpstreamFailure)
        {
            pool.Failed();
            _addresses.ReportConnectFailure(pool.Address);
            throw;
        }
    }

    // A name that DNS does not know is a setting to mend; a resolver that is away or an empty answer may be better in a moment.
    private static UpstreamFailure NoAddress(AddressSnapshot known) => new(
        known.State == ResolutionState.NameUnknown ? FailurePlace.UpstreamNameUnknown : FailurePlace.NoAddress, Progress.NothingSent, known.LastError);

    private static (FailurePlace, string?) Locate(HttpContext http, Exception error) => error switch
    {
        _ when http.RequestAborted.IsCancellationRequested => (FailurePlace.ClientGone, null),
        UpstreamFailure failure => (failure.Place, failure.Detail),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } tooLarge => (FailurePlace.BodyTooLarge, tooLarge.Message),
        BadHttpRequestException bad => (FailurePlace.RequestMalformed, bad.Message),
        ConnectionResetException or ConnectionAbortedException or OperationCanceledException => (FailurePlace.ClientGone, null),
        _ => (FailurePlace.Internal, null),
    };
}
