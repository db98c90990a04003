using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Discovery;

/// <summary>Log messages of the discovery: event ids 2100 to 2149.</summary>
internal static partial class DiscoveryLog
{
    [LoggerMessage(2100, LogLevel.Information, "{Host} is at {Addresses} (for {Ttl})", EventName = "AddressesChanged")]
    public static partial void AddressesChanged(ILogger logger, string host, string addresses, TimeSpan ttl);

    [LoggerMessage(2101, LogLevel.Warning, "{Host} can't be resolved now; its last addresses {Addresses} are kept: {Error}", EventName = "AddressesKept")]
    public static partial void AddressesKept(ILogger logger, string host, string addresses, string error);

    [LoggerMessage(2102, LogLevel.Information, "{Host} is resolved again", EventName = "ResolutionRecovered")]
    public static partial void Recovered(ILogger logger, string host);

    [LoggerMessage(2103, LogLevel.Error, "{Host} has no usable address ({State}): {Error}", EventName = "NoAddress")]
    public static partial void NoAddress(ILogger logger, string host, ResolutionState state, string error);

    [LoggerMessage(2104, LogLevel.Debug, "{Host} is resolved again: {Address} could not be connected to", EventName = "ResolvedAfterConnectFailure")]
    public static partial void ResolvedAfterConnectFailure(ILogger logger, string host, string address);

    /// <summary>Tells what changed, once for each change and not for each question: DNS may be away for an hour.</summary>
    public static void Transition(ILogger logger, string host, AddressSnapshot last, AddressSnapshot now)
    {
        if (now.State == ResolutionState.Good)
        {
            if (last.State is not (ResolutionState.Good or ResolutionState.Pending)) Recovered(logger, host);
            if (!ReferenceEquals(last.Addresses, now.Addresses)) AddressesChanged(logger, host, string.Join(", ", now.Addresses), now.Ttl);
        }
        else if (now.State != last.State)
        {
            if (now.State == ResolutionState.Stale) AddressesKept(logger, host, string.Join(", ", now.Addresses), now.LastError ?? "");
            else NoAddress(logger, host, now.State, now.LastError ?? "");
        }
    }
}
