using System.Buffers;

namespace Hokusai.Edge.Requests;

/// <summary>What a rule's transform may make of a request.</summary>
/// <remarks>Source: AWS, "Transforms for listener rules": a transform that fails is a 500. What failing is, is not documented; here it is a result that is no path or no host.</remarks>
internal static class RewriteResult
{
    private static readonly SearchValues<char> NoHost = SearchValues.Create("/?#@\\\x7f");

    /// <summary>Whether a text can stand in a request line.</summary>
    public static bool IsPath(string path) => path.StartsWith('/') && !path.AsSpan().ContainsAnyInRange('\0', ' ') && !path.Contains('\x7f', StringComparison.Ordinal);

    /// <summary>Whether a text can stand in a Host header; a request without one has an empty name.</summary>
    public static bool IsHost(string host) => !host.AsSpan().ContainsAnyInRange('\0', ' ') && !host.AsSpan().ContainsAny(NoHost) && (host.Length == 0 || Uri.TryCreate($"http://{host}/", UriKind.Absolute, out _));
}
