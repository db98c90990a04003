using Hokusai.Gateway.Telemetry;

namespace Hokusai.Gateway.Limits;

/// <summary>What is limited.</summary>
internal enum LimitKind
{
    /// <summary>Requests of a key.</summary>
    Key,

    /// <summary>Failed attempts of a client address.</summary>
    Address,

    /// <summary>Bytes of artifacts that a key moves a day.</summary>
    Bytes,

    /// <summary>Runs that a key makes a day.</summary>
    Runs,
}

/// <summary>Counts decisions for metrics.</summary>
internal sealed class LimitCounts(GatewayMetrics metrics)
{
    public void Allowed(LimitKind kind) => metrics.LimitAllowed(Word(kind));

    public void Refused(LimitKind kind) => metrics.LimitRefused(Word(kind));

    private static string Word(LimitKind kind) => kind switch
    {
        LimitKind.Key => "key",
        LimitKind.Address => "address",
        LimitKind.Bytes => "bytes",
        _ => "runs",
    };
}
