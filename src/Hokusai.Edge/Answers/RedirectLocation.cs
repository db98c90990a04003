using System.Globalization;
using System.Text;
using Hokusai.Contracts.Routing;

namespace Hokusai.Edge.Answers;

/// <summary>What a redirect's placeholders stand for.</summary>
/// <param name="Protocol">The listener's protocol, in small letters as in a URL.</param>
/// <param name="Host">The Host header without port.</param>
/// <param name="Port">The listener's port.</param>
/// <param name="Path">Raw path with its leading slash.</param>
/// <param name="Query">Raw query without its question mark.</param>
internal readonly record struct RedirectSource(string Protocol, string Host, int Port, string Path, string Query);

/// <summary>Composes the Location header of a redirect.</summary>
/// <remarks>Source: AWS, "Redirect actions". The port stands in it always, the usual one of the protocol too, as the load balancer has it.</remarks>
internal static class RedirectLocation
{
    public static string Of(Redirect redirect, RedirectSource source)
    {
        var location = new StringBuilder();
        Append(location, redirect.Protocol.ToLowerInvariant(), source);
        location.Append("://");
        Append(location, redirect.Host, source);
        location.Append(':');
        Append(location, redirect.Port, source);
        Append(location, redirect.Path, source);
        location.Append('?');
        var length = location.Length;
        Append(location, redirect.Query, source);
        // A question mark with nothing behind it is taken off again.
        if (location.Length == length) location.Length--;
        return location.ToString();
    }

    // In one pass: a placeholder that a client wrote into its URL stays what it is.
    private static void Append(StringBuilder location, ReadOnlySpan<char> template, RedirectSource source)
    {
        while (template.IndexOf("#{") is >= 0 and var begin && template[begin..].IndexOf('}') is >= 0 and var length)
        {
            AppendSafely(location, template[..begin]);
            AppendSafely(location, template.Slice(begin + 2, length - 2) switch
            {
                "protocol" => source.Protocol,
                "host" => source.Host,
                "port" => source.Port.ToString(CultureInfo.InvariantCulture),
                "path" => source.Path.AsSpan(source.Path.StartsWith('/') ? 1 : 0),
                "query" => source.Query,
                _ => template.Slice(begin, length + 1),
            });
            template = template[(begin + length + 1)..];
        }
        AppendSafely(location, template);
    }

    // A header takes visible ASCII only; whatever else found its way here is escaped.
    private static void AppendSafely(StringBuilder location, ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (c is > ' ' and < '\x7f') location.Append(c);
            else location.Append(Uri.EscapeDataString(c.ToString()));
        }
    }
}
