using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>Bodies as AWS' SDKs send them: plain, or in signed pieces with a checksum behind them (aws-chunked).</summary>
internal static class S3Body
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(static i => Enumerable.Range(0, 8).Aggregate((uint)i, static (crc, _) => (crc & 1) != 0 ? 0xEDB88320u ^ (crc >> 1) : crc >> 1))];

    /// <summary>The body; null if it has no checksum or another one than it was sent with.</summary>
    public static async Task<byte[]?> ReadAsync(HttpContext http)
    {
        using var memory = new MemoryStream();
        await http.Request.Body.CopyToAsync(memory, http.RequestAborted);
        var body = memory.ToArray();
        string? expected = http.Request.Headers["x-amz-checksum-crc32"];
        if (http.Request.Headers.ContentEncoding.ToString().Contains("aws-chunked", StringComparison.Ordinal)) (body, expected) = Unchunk(body);
        return expected == Checksum([body]) ? body : null;
    }

    public static async Task<XDocument> ReadXmlAsync(HttpContext http) => await XDocument.LoadAsync(http.Request.Body, LoadOptions.PreserveWhitespace, http.RequestAborted);

    /// <summary>CRC-32 as S3 writes it: base64 of four bytes.</summary>
    public static string Checksum(IReadOnlyList<byte[]> pieces)
    {
        var crc = uint.MaxValue;
        foreach (var piece in pieces)
        {
            foreach (var b in piece) crc = Table[(crc ^ b) & 0xFF] ^ (crc >> 8);
        }
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, ~crc);
        return Convert.ToBase64String(bytes);
    }

    private static (byte[] Body, string? Checksum) Unchunk(byte[] chunked)
    {
        using var body = new MemoryStream();
        for (var at = 0; ;)
        {
            var head = Line(chunked, ref at);
            var size = int.Parse(head.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.Write(chunked, at, size);
            at += size;
            if (size > 0) Line(chunked, ref at);
            else return (body.ToArray(), Trailer(chunked, at));
        }
    }

    private static string? Trailer(byte[] chunked, int at)
    {
        while (at < chunked.Length)
        {
            if (Line(chunked, ref at).Split(':', 2) is ["x-amz-checksum-crc32", var value]) return value.Trim();
        }
        return null;
    }

    private static string Line(byte[] text, ref int at)
    {
        var end = text.AsSpan(at).IndexOf("\r\n"u8);
        var line = Encoding.ASCII.GetString(text, at, end < 0 ? text.Length - at : end);
        at += line.Length + 2;
        return line;
    }
}
