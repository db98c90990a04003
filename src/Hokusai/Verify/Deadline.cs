namespace Hokusai.Verify;

/// <summary>A time limit of one request. For transfers it is an idle limit: each block that moves extends it.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _either;
    private readonly CancellationToken _caller;

    public Deadline(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        Limit = limit;
        _caller = caller;
        _limit = new CancellationTokenSource(limit, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, caller);
    }

    public TimeSpan Limit { get; }

    public CancellationToken Token => _either.Token;

    /// <summary>Whether the caller gave up, which is no fault of the server.</summary>
    public bool Interrupted => _caller.IsCancellationRequested;

    public bool Passed => _limit.IsCancellationRequested;

    public void Extend() => _limit.CancelAfter(Limit);

    public void Dispose()
    {
        _either.Dispose();
        _limit.Dispose();
    }
}
