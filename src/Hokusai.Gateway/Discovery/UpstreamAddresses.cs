using System.Net;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Discovery;

/// <summary>The addresses behind the upstream's name, as far as they are known now.</summary>
internal abstract class UpstreamAddresses : IAsyncDisposable
{
    /// <summary>What is known now. Reading it does not count as use.</summary>
    public abstract AddressSnapshot Current { get; }

    /// <summary>The name that is looked up; null where nothing is.</summary>
    public virtual string? Query => null;

    /// <summary>What went wrong last with looking it up, also when it went well since.</summary>
    public virtual string? LastFailure => null;

    /// <summary>Questions that were asked so far, answered or not.</summary>
    public virtual long Resolutions => 0;

    /// <summary>Questions that brought no address.</summary>
    public virtual long Failures => 0;

    /// <summary>Requests that were given addresses which DNS does not confirm at present.</summary>
    public virtual long StaleServed => 0;

    /// <summary>Told of each question that brought no address: <c>empty</c>, <c>nxdomain</c> or <c>other</c>.</summary>
    public Action<string>? QuestionFailed { get; set; }

    /// <summary>Told of each request that was given addresses which DNS does not confirm at present.</summary>
    public Action? StaleUsed { get; set; }

    /// <summary>What a request is to use: never waits if an address is known, else for a resolution under way, with a deadline.</summary>
    public abstract ValueTask<AddressSnapshot> GetAsync(CancellationToken cancellation);

    /// <summary>Tells that an address could not be connected to, so that the name is resolved again at once.</summary>
    public abstract void ReportConnectFailure(IPEndPoint address);

    public abstract ValueTask DisposeAsync();

    /// <summary>Starts the discovery that the settings ask for.</summary>
    /// <param name="upstream">The upstream's address by name.</param>
    /// <param name="options">Checked settings, see <see cref="DiscoveryOptions.Faults"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log.</param>
    public static UpstreamAddresses Create(Uri upstream, DiscoveryOptions options, TimeProvider time, ILogger logger)
    {
        if (options.Addresses.Count > 0) return new FixedAddresses(options.Addresses.Select(IPEndPoint.Parse), time);
        if (IPAddress.TryParse(upstream.IdnHost.Trim('[', ']'), out var literal)) return new FixedAddresses([new IPEndPoint(literal, upstream.Port)], time);
        var resolution = new NameResolution(upstream, options, new NameServerQuery(options).AskAsync, SystemResolver.LookAsync, time);
        return new DnsAddresses(upstream.IdnHost, resolution.LookAsync, options, time, logger);
    }
}
