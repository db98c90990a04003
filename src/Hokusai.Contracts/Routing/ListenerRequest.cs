using System.Net;

namespace Hokusai.Contracts.Routing;

/// <summary>What listener rules look at in a request.</summary>
public sealed record ListenerRequest
{
    /// <summary>The method, with its case.</summary>
    public required string Method { get; init; }

    /// <summary>Raw path as received, neither decoded nor cleaned, without the query.</summary>
    public required string Path { get; init; }

    /// <summary>Raw query, with or without its question mark.</summary>
    public string Query { get; init; } = "";

    /// <summary>Host name without port.</summary>
    public string Host { get; init; } = "";

    /// <summary>Address of the TCP peer; IPv4 never in its IPv6 form.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>All values of a header by its name; the name is case-insensitive.</summary>
    public Func<string, IEnumerable<string>> Header { get; init; } = static _ => [];
}
