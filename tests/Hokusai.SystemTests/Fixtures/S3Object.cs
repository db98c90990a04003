using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>An object: its bytes in the pieces in which they came.</summary>
internal sealed class S3Object(IReadOnlyList<byte[]> pieces)
{
    public IReadOnlyList<byte[]> Pieces => pieces;

    public long Length { get; } = pieces.Sum(piece => (long)piece.Length);

    public string ETag { get; } = ETagOf(pieces);

    public static string ETagOf(IReadOnlyList<byte[]> pieces)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var piece in pieces) hash.AppendData(piece);
        // With a dash, as after a multipart upload: without one, the SDK takes it for an MD5.
        return $"\"{Convert.ToHexStringLower(hash.GetHashAndReset())[..32]}-{pieces.Count}\"";
    }

    /// <summary>Answers with it, or the range that is asked for.</summary>
    public async Task SendAsync(HttpContext http)
    {
        var (from, to) = (0L, Length - 1);
        http.Response.Headers.ETag = ETag;
        http.Response.Headers.LastModified = "Fri, 02 Jan 2026 03:04:05 GMT";
        http.Response.ContentType = "application/octet-stream";
        if (http.Request.GetTypedHeaders().Range?.Ranges.Single() is { } range)
        {
            (from, to) = (range.From ?? Length - range.To!.Value, range.From is null ? Length - 1 : Math.Min(range.To ?? Length - 1, Length - 1));
            http.Response.StatusCode = StatusCodes.Status206PartialContent;
            http.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{to}/{Length}");
        }
        else if (http.Request.Headers["x-amz-checksum-mode"] == "ENABLED")
        {
            http.Response.Headers["x-amz-checksum-crc32"] = S3Body.Checksum(pieces);
            http.Response.Headers["x-amz-checksum-type"] = "FULL_OBJECT";
        }
        http.Response.ContentLength = to - from + 1;
        if (HttpMethods.IsHead(http.Request.Method)) return;
        var at = 0L;
        foreach (var piece in pieces)
        {
            var (begin, end) = ((int)Math.Clamp(from - at, 0, piece.Length), (int)Math.Clamp(to + 1 - at, 0, piece.Length));
            if (end > begin) await http.Response.Body.WriteAsync(piece.AsMemory(begin..end), http.RequestAborted);
            at += piece.Length;
        }
    }
}
