namespace Hokusai.Keys.Explain;

/// <summary>One request as somebody took it down.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Target">Path and query.</param>
/// <param name="Host">Host and port that it went to; empty if that is not known.</param>
/// <param name="Headers">Its headers in their order.</param>
internal sealed record RequestDump(string Method, string Target, string Host, IReadOnlyList<(string Name, string Value)> Headers)
{
    /// <summary>Where its answer sent the client on to, if it did.</summary>
    public string? RedirectedTo { get; init; }

    /// <summary>Status of its answer, if that was taken down.</summary>
    public int? Status { get; init; }

    /// <summary>What is known beside the request, such as two credentials of which only one was sent.</summary>
    public IReadOnlyList<Remark> Remarks { get; init; } = [];

    public IEnumerable<string> Values(string header) => Headers.Where(h => h.Name.Equals(header, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value);

    public bool HasCredential => Values("Authorization").Any() || Values(Contracts.HokusaiHeaders.ApiKey).Any();
}

/// <summary>Something that speaks against a request or is worth knowing about it.</summary>
/// <param name="Refuses">Whether the request is refused because of it.</param>
/// <param name="What">What it is, without any credential.</param>
/// <param name="Remedy">What helps; null if nothing needs to.</param>
internal sealed record Remark(bool Refuses, string What, string? Remedy = null);
