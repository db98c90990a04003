using System.Runtime.CompilerServices;

namespace Hokusai.Edge.Requests;

/// <summary>A request's body, as long as the client goes on sending it: no byte for the idle timeout ends it, and tells that it was the client who kept everybody waiting.</summary>
/// <param name="body">The body.</param>
/// <param name="idle">The idle timeout.</param>
/// <param name="time">The clock.</param>
internal sealed class BodyWatch(Stream body, TimeSpan idle, TimeProvider time) : AsyncStream
{
    private readonly CancellationTokenSource _stop = new();
    private ITimer? _timer;
    private volatile bool _timedOut;

    /// <summary>Whether all of the body was read.</summary>
    public bool HasEnded { get; private set; }

    public override bool CanWrite => false;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = body.ReadAsync(buffer, _stop.Token);
        // Most bodies are there with the head and need no timer.
        var count = read.IsCompleted ? await read : await WaitAsync(read, cancellationToken);
        if (count == 0 && buffer.Length > 0) HasEnded = true;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        // The source of the token is left to the collector: a timer that rings at this moment still cancels it.
        if (disposing) _timer?.Dispose();
        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync(ValueTask<int> read, CancellationToken cancellation)
    {
        using var given = cancellation.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).Cancel(), _stop);
        if (_timer is null) _timer = time.CreateTimer(static watch => ((BodyWatch)watch!).GiveUp(), this, idle, Timeout.InfiniteTimeSpan);
        else _timer.Change(idle, Timeout.InfiniteTimeSpan);
        try
        {
            return await read;
        }
        catch (OperationCanceledException) when (_timedOut)
        {
            throw new IOException("idle for too long", new TimeoutException($"no byte of the client's for {idle}"));
        }
        finally
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void GiveUp()
    {
        _timedOut = true;
        _stop.Cancel();
    }
}
