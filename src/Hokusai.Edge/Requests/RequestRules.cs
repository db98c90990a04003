using Microsoft.AspNetCore.Http;

namespace Hokusai.Edge.Requests;

/// <summary>What the load balancer refuses before it looks at any rule. Kestrel refuses before that what is no HTTP/1.1 at all, see docs/edge.md.</summary>
/// <remarks>Source: AWS, "Quotas for your Application Load Balancers" and "Troubleshoot your Application Load Balancers".</remarks>
internal static class RequestRules
{
    /// <summary>Bytes of one header line, and of all together.</summary>
    public const int LongestHeader = 16 * 1024, LongestHeaders = 64 * 1024;

    private const int MostForwardedAddresses = 30;

    // What a line has beside name and value: colon, space and its end.
    private const int AroundHeader = 4;

    /// <summary>The status with which a request is refused; 0 if it is not.</summary>
    public static int Refusal(HttpRequest request)
    {
        if (HttpMethods.IsTrace(request.Method)) return StatusCodes.Status405MethodNotAllowed;
        // Rules compare methods with their case, the client library sends "get" as GET: a rule for GET would be passed by what then is one. AWS does not say what it does.
        if (HttpMethod.Parse(request.Method).Method != request.Method) return StatusCodes.Status400BadRequest;
        if (!FitsHeaders(request.Headers)) return StatusCodes.Status400BadRequest;
        if (request.Headers.TransferEncoding is { Count: > 0 } encodings && encodings.Any(line => !IsKnownEncoding(line))) return StatusCodes.Status501NotImplemented;
        return request.Headers["X-Forwarded-For"] is { Count: > 0 } addresses && Addresses(addresses) > MostForwardedAddresses ? 463 : 0;
    }

    private static bool FitsHeaders(IHeaderDictionary headers)
    {
        var total = 0;
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
            {
                var length = name.Length + (value?.Length ?? 0) + AroundHeader;
                if (length > LongestHeader) return false;
                total += length;
            }
        }
        return total <= LongestHeaders;
    }

    private static bool IsKnownEncoding(string? line) => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).All(e => e.Equals("chunked", StringComparison.OrdinalIgnoreCase) || e.Equals("identity", StringComparison.OrdinalIgnoreCase));

    private static int Addresses(IEnumerable<string?> lines) => lines.Sum(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Length);
}
