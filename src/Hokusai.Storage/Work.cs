namespace Hokusai.Storage;

/// <summary>A unit of work that waits for a lane, with the promise of its result.</summary>
internal abstract class Work(CancellationToken cancellation)
{
    /// <summary>Nobody waits any more, so it need not begin.</summary>
    public bool IsAbandoned => cancellation.IsCancellationRequested;

    /// <summary>Runs it. May run again if its transaction could not be kept.</summary>
    public abstract void Run(Session session);

    public abstract void Succeed();

    public abstract void Fail(Exception error);
}

internal sealed class Work<T>(Func<Session, T> body, CancellationToken cancellation) : Work(cancellation)
{
    private readonly TaskCompletionSource<T> _promise = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Result => _promise.Task;

    public override void Run(Session session) => _result = body(session);

    public override void Succeed() => _promise.TrySetResult(_result!);

    public override void Fail(Exception error) => _promise.TrySetException(error);
}
