using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Hokusai.Edge.Requests;

namespace Hokusai.Edge.Forwarding;

/// <summary>A connection to a target that ends when no byte went either way for the idle timeout.</summary>
/// <remarks>Source: AWS, "Connection idle timeout": it runs on the connection, begins anew with each byte, and does not ask what the bytes are for.</remarks>
internal sealed class TargetStream : AsyncStream
{
    private readonly NetworkStream _inner;
    private readonly TimeProvider _time;
    private readonly TimeSpan _idle;
    private readonly ITimer _timer;
    private long _lastByte;
    private volatile bool _timedOut;

    public TargetStream(Socket socket, TimeSpan idle, TimeProvider time)
    {
        _inner = new NetworkStream(socket, ownsSocket: true);
        (_idle, _time, _lastByte) = (idle, time, time.GetTimestamp());
        _timer = time.CreateTimer(static stream => ((TargetStream)stream!).Look(), this, idle, Timeout.InfiniteTimeSpan);
    }

    public override bool CanWrite => true;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var count = await _inner.ReadAsync(buffer, cancellationToken);
            // A socket that is closed under a read may also look as if the target had closed it.
            if (count == 0 && _timedOut) throw TimedOut();
            if (buffer.Length > 0) Touch();
            return count;
        }
        catch (Exception) when (_timedOut)
        {
            throw TimedOut();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await _inner.WriteAsync(buffer, cancellationToken);
            Touch();
        }
        catch (Exception) when (_timedOut)
        {
            throw TimedOut();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _timer.Dispose();
            _inner.Dispose();
        }
        base.Dispose(disposing);
    }

    private IOException TimedOut() => new("idle for too long", new TimeoutException($"no byte for {_idle}"));

    private void Touch() => Volatile.Write(ref _lastByte, _time.GetTimestamp());

    // One timer a connection that is set anew when it rings: setting it with each byte would cost more than the byte.
    private void Look()
    {
        var left = _idle - _time.GetElapsedTime(Volatile.Read(ref _lastByte));
        if (left > TimeSpan.Zero)
        {
            _timer.Change(left, Timeout.InfiniteTimeSpan);
            return;
        }
        _timedOut = true;
        _inner.Dispose();
    }
}
