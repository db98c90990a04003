namespace Hokusai.Gateway;

/// <summary>The end of a gateway: first readiness turns and everything is served on, until load balancers have noticed; then what is new is refused while what runs ends.</summary>
/// <param name="inFlight">How many requests are being answered.</param>
/// <param name="time">The clock.</param>
internal sealed class Drain(Func<long> inFlight, TimeProvider time)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    private volatile bool _begun;
    private volatile bool _refuses;

    public bool HasBegun => _begun;

    /// <summary>Whether new requests are refused.</summary>
    public bool Refuses => _refuses;

    public void Begin() => _begun = true;

    /// <summary>Refuses what is new, and waits for what runs.</summary>
    public async Task EndAsync(TimeSpan atMost)
    {
        (_begun, _refuses) = (true, true);
        var began = time.GetTimestamp();
        // Looked at again and again: to be told of the last one's end, every request would have to look whether it is the last.
        while (inFlight() > 0 && time.GetElapsedTime(began) < atMost) await Task.Delay(Pace, time);
    }
}
