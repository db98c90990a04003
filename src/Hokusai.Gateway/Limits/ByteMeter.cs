using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Forwarding.Http1;

namespace Hokusai.Gateway.Limits;

/// <summary>
/// Counts the bytes of one transfer against its key's quota. What is announced is taken at once and as a whole, anything else in blocks, ahead of the bytes;
/// what did not flow is given back at the end.
/// </summary>
internal sealed class ByteMeter(QuotaLedger ledger, Exchange exchange, long quota, Func<long, long, (FailurePlace Place, string? Detail)> refuse)
{
    /// <summary>Taken at a time where no length is known.</summary>
    public const long Block = 1024 * 1024;

    private readonly int _day = ledger.Today;
    private long _given;
    private long _passed;
    private long _used;

    /// <summary>Bytes that may pass.</summary>
    public long Credit => _given - _passed;

    /// <summary>Takes so much more that the credit is at least <paramref name="least"/>, up to <paramref name="want"/>.</summary>
    /// <returns>Whether there was so much.</returns>
    public async ValueTask<bool> TryReserveAsync(long want, long least)
    {
        if (Credit >= want) return true;
        (var given, _used) = await ledger.TakeAsync(exchange.Key!.KeyId, LimitKind.Bytes, quota, want - Credit, Math.Max(1, least - Credit));
        _given += given;
        return Credit >= least;
    }

    /// <summary>Lets bytes of a body pass, or says that they are too many.</summary>
    public async ValueTask<bool> TryPassAsync(long bytes)
    {
        if (Credit < bytes && !await TryReserveAsync(Math.Max(bytes, Block), bytes)) return false;
        _passed += bytes;
        return true;
    }

    /// <summary>Bytes within the credit have passed.</summary>
    public void Passed(long bytes) => _passed += bytes;

    /// <summary>What follows from there being too little left.</summary>
    /// <param name="needed">How much the whole transfer needs, as far as is known.</param>
    /// <param name="progress">How far it had come.</param>
    public UpstreamFailure Refusal(long needed, Progress progress)
    {
        // What it took itself and did not use is not what stands in its way.
        var (place, detail) = refuse(needed, _used - Credit);
        return new UpstreamFailure(place, progress, detail);
    }

    /// <summary>Gives back what did not flow.</summary>
    public ValueTask SettleAsync() => ledger.ReturnAsync(exchange.Key!.KeyId, LimitKind.Bytes, _day, Credit);
}
