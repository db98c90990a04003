using System.Net;

namespace Hokusai.Gateway.Discovery;

/// <summary>Addresses that were configured and never change.</summary>
internal sealed class FixedAddresses(IEnumerable<IPEndPoint> addresses, TimeProvider time) : UpstreamAddresses
{
    public override AddressSnapshot Current { get; } = new([.. addresses.Distinct()], time.GetUtcNow(), TimeSpan.MaxValue, ResolutionState.Good, null);

    public override ValueTask<AddressSnapshot> GetAsync(CancellationToken cancellation) => new(Current);

    public override void ReportConnectFailure(IPEndPoint address)
    {
        // There is nobody to ask for another address.
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
