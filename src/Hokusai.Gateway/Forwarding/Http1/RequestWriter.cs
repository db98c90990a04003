using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using Hokusai.Contracts;
using Hokusai.Gateway.Sessions;
using Hokusai.Gateway.Telemetry.Tracing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Hokusai.Gateway.Forwarding.Http1;

/// <summary>Writes the head of a request as the upstream gets it.</summary>
internal sealed class RequestWriter(GatewayOptions options, Uri upstream)
{
    // Hop-by-hop fields (RFC 9110 section 7.6.1), what framing decides anew, and what is always replaced.
    private static readonly HashSet<string> Dropped = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Proxy-Authorization", "Expect",
        "Host", "Content-Length", HokusaiHeaders.RequestId,
    };

    private readonly byte[] _version = Encoding.ASCII.GetBytes($" HTTP/1.1\r\nHost: {upstream.Authority}\r\n");
    private readonly string _base = upstream.AbsolutePath.TrimEnd('/');

    /// <summary>Writes request line and fields, with the empty line at their end.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="request">The client's request.</param>
    /// <param name="exchange">What is known of it.</param>
    /// <param name="query">Its query as it came.</param>
    /// <param name="bodyLength">Length of the body; null for none, -1 for chunks.</param>
    public void Write(IBufferWriter<byte> buffer, HttpRequest request, Exchange exchange, ReadOnlySpan<char> query, long? bodyLength)
    {
        Text(buffer, request.Method);
        buffer.Write(" "u8);
        Text(buffer, _base);
        Text(buffer, exchange.Path);
        Text(buffer, query);
        buffer.Write(_version);
        WriteFields(buffer, request, isTraced: exchange.Span is { Recorded: true });
        WriteContext(buffer, exchange);
        if (exchange.Span is { Recorded: true } span) WriteTrace(buffer, span);
        if (bodyLength is { } length) WriteFraming(buffer, length);
        buffer.Write("\r\n"u8);
    }

    private void WriteFields(IBufferWriter<byte> buffer, HttpRequest request, bool isTraced)
    {
        var named = request.Headers.Connection;
        foreach (var (name, values) in request.Headers)
        {
            if (isTraced && GatewayTracing.IsContext(name)) continue;
            if (IsDropped(name) || (named.Count > 0 && IsNamed(named, name))) continue;
            var isCookie = name.Equals("Cookie", StringComparison.OrdinalIgnoreCase);
            foreach (var value in values)
            {
                if (value is null) continue;
                // A browser's session holds its key.
                var passed = isCookie ? SessionCookie.Without(value) : value;
                if (!isCookie || passed.Length > 0) Field(buffer, name, passed);
            }
        }
        if (options.UpstreamCredential == UpstreamCredential.ServiceToken) Field(buffer, "Authorization", options.ServiceToken!);
    }

    private static void WriteContext(IBufferWriter<byte> buffer, Exchange exchange)
    {
        Field(buffer, HokusaiHeaders.RequestId, exchange.RequestId);
        buffer.Write(exchange.UpstreamContext);
    }

    // Apart, so that nobody else pays for what the lambda holds. The head is written once for all attempts, so it names the request's span.
    private static void WriteTrace(IBufferWriter<byte> buffer, Activity span) => GatewayTracing.Inject(span, (name, value) => Field(buffer, name, value));

    private static void WriteFraming(IBufferWriter<byte> buffer, long length)
    {
        if (length < 0)
        {
            buffer.Write("Transfer-Encoding: chunked\r\n"u8);
            return;
        }
        buffer.Write("Content-Length: "u8);
        Utf8Formatter.TryFormat(length, buffer.GetSpan(20), out var written);
        buffer.Advance(written);
        buffer.Write("\r\n"u8);
    }

    private bool IsDropped(string name)
    {
        if (Dropped.Contains(name)) return true;
        // WSGI servers make one name of X_Hokusai_User_Id and X-Hokusai-User-Id, so both are a claim.
        var dashed = name.Contains('_', StringComparison.Ordinal) ? name.Replace('_', '-') : name;
        if (dashed.StartsWith(HokusaiHeaders.Prefix, StringComparison.OrdinalIgnoreCase) || dashed.Equals(HokusaiHeaders.RequestId, StringComparison.OrdinalIgnoreCase)) return true;
        return options.UpstreamCredential != UpstreamCredential.Forward
            && (name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || dashed.Equals(HokusaiHeaders.ApiKey, StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsNamed(StringValues connection, string name)
    {
        foreach (var value in connection)
        {
            foreach (var token in value.AsSpan().Split(','))
            {
                if (value.AsSpan()[token].Trim().Equals(name, StringComparison.OrdinalIgnoreCase)) return true;
            }
        }
        return false;
    }

    private static void Field(IBufferWriter<byte> buffer, string name, string value)
    {
        Text(buffer, name);
        buffer.Write(": "u8);
        Text(buffer, value);
        buffer.Write("\r\n"u8);
    }

    private static void Text(IBufferWriter<byte> buffer, ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return;
        // A line end in a value would let its author write fields of his own.
        if (text.IndexOfAny('\r', '\n', '\0') >= 0) throw new UpstreamFailure(FailurePlace.RequestMalformed, Progress.NothingSent);
        var span = buffer.GetSpan(text.Length);
        buffer.Advance(Encoding.Latin1.GetBytes(text, span));
    }
}
