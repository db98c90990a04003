namespace Hokusai.Gateway.Resilience;

/// <summary>What is left of a request's time.</summary>
internal readonly struct Deadline(DeadlineOptions options, TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();

    /// <summary>Never below zero.</summary>
    public TimeSpan Left
    {
        get
        {
            var left = options.Total - time.GetElapsedTime(_began);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>The time of the next attempt: its own deadline, cut by what is left.</summary>
    public TimeSpan NextAttempt => Left < options.Attempt ? Left : options.Attempt;
}
