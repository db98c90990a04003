using System.Runtime.CompilerServices;
using Hokusai.Edge.Requests;

namespace Hokusai.Edge.Forwarding;

/// <summary>What requests are written to and answers read from, above TLS if there is any: a target that hangs up on a request is a failure.</summary>
/// <remarks>
/// The client library would send such a request again on another connection; the load balancer never sends one twice: it answers 502.
/// Below TLS the end can't be told: the alert that announces it comes as bytes, as an answer would.
/// </remarks>
internal sealed class AskedOnceStream(Stream inner) : AsyncStream
{
    private volatile bool _asked;

    public override bool CanWrite => true;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        if (buffer.Length == 0) return count;
        if (count == 0 && _asked) throw new IOException("the target closed the connection while a request was under way");
        _asked = false;
        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _asked = true;
        return inner.WriteAsync(buffer, cancellationToken);
    }

    // TLS may hold bytes back.
    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
