using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Forwarding.Http1;

/// <summary>How the body of an answer ends.</summary>
internal enum Framing
{
    None,
    Length,
    Chunks,
    UntilClose,
}

/// <summary>
/// Reads the head of an answer (RFC 9112 sections 4 to 6) and puts it into the client's response. Answers of one upstream
/// look alike: a field that is the same as in the answer before costs no new text.
/// </summary>
internal sealed class ResponseReader
{
    private const int MostFields = 100;

    private readonly List<RememberedField> _fields = new(16);
    private readonly List<(string Name, string Value)> _found = new(16);
    private int _index;

    public int Status { get; private set; }

    public Framing Framing { get; private set; }

    public long Length { get; private set; }

    /// <summary>Whether the connection may carry another request.</summary>
    public bool KeepAlive { get; private set; }

    /// <summary>The answer's Retry-After in seconds, if it has one.</summary>
    public int? RetryAfter { get; private set; }

    /// <summary>Reads a head; skips interim answers (1xx).</summary>
    /// <param name="bytes">What was received.</param>
    /// <param name="isHead">Whether the request was HEAD, whose answers have no body whatever they say.</param>
    /// <param name="consumed">Length of the head.</param>
    /// <returns>False if it is not whole yet.</returns>
    /// <exception cref="UpstreamFailure">It is no HTTP.</exception>
    public bool TryRead(ReadOnlySpan<byte> bytes, bool isHead, out int consumed)
    {
        consumed = 0;
        while (true)
        {
            var rest = bytes[consumed..];
            var end = rest.IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                // Tell at once what can't become HTTP, so that nobody waits for the rest of it.
                if (!StartsLikeHttp(rest)) throw Malformed("it does not begin with HTTP/1");
                return false;
            }
            ReadHead(rest[..(end + 2)], isHead);
            consumed += end + 4;
            if (Status >= 200) return true;
            if (Status == StatusCodes.Status101SwitchingProtocols) throw Malformed("it switches protocols unasked");
        }
    }

    /// <summary>The fields that go on to the client.</summary>
    public IReadOnlyList<(string Name, string Value)> Fields => _found;

    /// <summary>Puts status and fields into the client's response.</summary>
    public void CopyTo(HttpResponse response)
    {
        response.StatusCode = Status;
        var headers = response.Headers;
        foreach (var (name, value) in _found)
        {
            if (headers.TryGetValue(name, out var before)) headers[name] = Microsoft.Extensions.Primitives.StringValues.Concat(before, value);
            else headers[name] = value;
        }
        if (Framing == Framing.Length || (Framing == Framing.None && Length >= 0)) response.ContentLength = Length;
    }

    private static bool StartsLikeHttp(ReadOnlySpan<byte> bytes)
    {
        var start = "HTTP/1."u8;
        var length = Math.Min(bytes.Length, start.Length);
        return bytes[..length].SequenceEqual(start[..length]);
    }

    private void ReadHead(ReadOnlySpan<byte> head, bool isHead)
    {
        _found.Clear();
        _index = 0;
        var line = TakeLine(ref head);
        if (line.Length < 12 || !StartsLikeHttp(line) || line[8] != ' ' || !Utf8Parser.TryParse(line[9..12], out int status, out var digits) || digits != 3) throw Malformed("its status line can't be read");
        Status = status;
        KeepAlive = line[7] == (byte)'1';
        Framing = Framing.UntilClose;
        Length = -1;
        RetryAfter = null;
        var chunked = false;
        while (!head.IsEmpty) ReadField(TakeLine(ref head), ref chunked);
        DecideFraming(chunked, isHead);
    }

    private void DecideFraming(bool chunked, bool isHead)
    {
        // Both at once is how answers are smuggled (RFC 9112 section 6.3); chunks would win, but such an upstream is not to be trusted.
        if (chunked && Length >= 0) throw Malformed("it has both a length and chunks");
        if (isHead || Status is 204 or 304 or < 200) Framing = Framing.None;
        else if (chunked) Framing = Framing.Chunks;
        else if (Length >= 0) Framing = Framing.Length;
        else KeepAlive = false;
    }

    private void ReadField(ReadOnlySpan<byte> line, ref bool chunked)
    {
        var field = Remember(line);
        switch (field.Kind)
        {
            case FieldKind.ContentLength:
                if (!long.TryParse(field.Value, out var length) || length < 0 || (Length >= 0 && Length != length)) throw Malformed("its Content-Length is none");
                Length = length;
                break;
            case FieldKind.TransferEncoding:
                chunked = field.Value.Trim().Equals("chunked", StringComparison.OrdinalIgnoreCase) ? true : throw Malformed("it has an unknown transfer encoding");
                break;
            case FieldKind.Connection:
                if (field.Value.Contains("close", StringComparison.OrdinalIgnoreCase)) KeepAlive = false;
                else if (field.Value.Contains("keep-alive", StringComparison.OrdinalIgnoreCase)) KeepAlive = true;
                break;
            case FieldKind.HopByHop:
                break;
            case FieldKind.RetryAfter:
                RetryAfter = int.TryParse(field.Value, out var seconds) && seconds >= 0 ? seconds : null;
                _found.Add((field.Name, field.Value));
                break;
            default:
                _found.Add((field.Name, field.Value));
                break;
        }
    }

    private RememberedField Remember(ReadOnlySpan<byte> line)
    {
        if (_index >= MostFields) throw Malformed($"it has more than {MostFields} fields");
        var at = _index++;
        if (at < _fields.Count && line.SequenceEqual(_fields[at].Line)) return _fields[at];
        var field = RememberedField.Parse(line);
        if (at < _fields.Count) _fields[at] = field;
        else _fields.Add(field);
        return field;
    }

    private static ReadOnlySpan<byte> TakeLine(ref ReadOnlySpan<byte> head)
    {
        var end = head.IndexOf("\r\n"u8);
        var line = head[..end];
        head = head[(end + 2)..];
        return line;
    }

    internal static UpstreamFailure Malformed(string why) => new(FailurePlace.UpstreamMalformed, Progress.AnswerBegun, $"The answer is no HTTP/1.1: {why}.");
}

internal enum FieldKind
{
    Plain,
    ContentLength,
    TransferEncoding,
    Connection,
    HopByHop,
    RetryAfter,
}

/// <summary>A field line as received, and what it says.</summary>
internal sealed record RememberedField(byte[] Line, string Name, string Value, FieldKind Kind)
{
    public static RememberedField Parse(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        // White space before the colon or at the line's start is how fields are smuggled.
        if (colon <= 0 || line[..colon].IndexOfAny(" \t"u8) >= 0) throw ResponseReader.Malformed("a field line can't be read");
        var value = line[(colon + 1)..].Trim(" \t"u8);
        if (value.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) >= 0) throw ResponseReader.Malformed("a field holds a line end");
        var name = Encoding.ASCII.GetString(line[..colon]);
        return new RememberedField(line.ToArray(), name, Encoding.Latin1.GetString(value), KindOf(name));
    }

    private static FieldKind KindOf(string name) => name.ToLowerInvariant() switch
    {
        "content-length" => FieldKind.ContentLength,
        "transfer-encoding" => FieldKind.TransferEncoding,
        "connection" => FieldKind.Connection,
        "retry-after" => FieldKind.RetryAfter,
        "keep-alive" or "proxy-connection" or "te" or "trailer" or "upgrade" or "x-request-id" => FieldKind.HopByHop,
        _ => FieldKind.Plain,
    };
}
