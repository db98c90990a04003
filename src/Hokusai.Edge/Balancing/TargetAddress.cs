using System.Diagnostics.CodeAnalysis;

namespace Hokusai.Edge.Balancing;

/// <summary>Where a target listens. An address is one target, also where its name stands for several machines.</summary>
/// <param name="Url">As <c>http://HOST:PORT</c>, without a slash at its end.</param>
/// <param name="Authority">Host and port.</param>
internal sealed record TargetAddress(string Url, string Authority)
{
    /// <summary>Reads an address.</summary>
    /// <param name="text"><c>http://HOST:PORT</c>, or <c>https</c>; a slash at the end does no harm.</param>
    /// <param name="address">The address.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TargetAddress? address)
    {
        address = Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "", Host.Length: > 0 }
            ? new TargetAddress($"{uri.Scheme}://{uri.Host}:{uri.Port}", $"{uri.Host}:{uri.Port}")
            : null;
        return address is not null;
    }

    /// <summary>Reads an address that was checked already.</summary>
    public static TargetAddress Parse(string text) => TryParse(text, out var address) ? address : throw new ArgumentException($"target '{text}': write http://HOST:PORT", nameof(text));
}
