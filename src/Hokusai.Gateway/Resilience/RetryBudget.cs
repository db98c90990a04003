namespace Hokusai.Gateway.Resilience;

/// <summary>
/// How many retries may be under way at once: a share of the active requests, and a few in any case. Without it, retries
/// multiply the load on an upstream at the very moment when it can't bear its normal load.
/// </summary>
internal sealed class RetryBudget(RetryOptions options)
{
    private int _active;
    private int _retrying;
    private long _taken;
    private long _refused;

    /// <summary>Requests under way.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>Retries under way.</summary>
    public int Retrying => Volatile.Read(ref _retrying);

    /// <summary>How many retries may be under way now.</summary>
    public int Allowed => Math.Max(options.LeastRetrying, (int)(Active * options.RetryingShare));

    /// <summary>Retries allowed since the start.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Retries refused since the start.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>A request begins.</summary>
    public void Enter() => Interlocked.Increment(ref _active);

    /// <summary>A request ends.</summary>
    public void Leave() => Interlocked.Decrement(ref _active);

    /// <summary>Asks for one retry. Whoever gets it gives it back with <see cref="Return"/> when the retry has ended.</summary>
    public bool TryTake()
    {
        while (true)
        {
            var retrying = Volatile.Read(ref _retrying);
            if (retrying >= Allowed)
            {
                Interlocked.Increment(ref _refused);
                return false;
            }
            if (Interlocked.CompareExchange(ref _retrying, retrying + 1, retrying) != retrying) continue;
            Interlocked.Increment(ref _taken);
            return true;
        }
    }

    /// <summary>Gives a retry back.</summary>
    public void Return() => Interlocked.Decrement(ref _retrying);
}
