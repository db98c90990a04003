using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Limits;

/// <summary>
/// <c>RateLimit-Limit</c> (requests at once), <c>RateLimit-Remaining</c> (requests now) and <c>RateLimit-Reset</c> (seconds until it is the limit again). These
/// three are what clients' libraries read; the draft that replaces them by two (<c>RateLimit</c>, <c>RateLimit-Policy</c>) changes with each edition.
/// </summary>
internal sealed class RateLimitHeaders
{
    private readonly HttpResponse _response;
    private readonly Allowance _allowance;

    private RateLimitHeaders(HttpResponse response, Allowance allowance) => (_response, _allowance) = (response, allowance);

    /// <summary>Sets them at the last moment: a failure's answer begins by clearing all headers, and the upstream may have such of its own.</summary>
    public static void Attach(HttpResponse response, Allowance allowance) => response.OnStarting(static state => ((RateLimitHeaders)state).WriteAsync(), new RateLimitHeaders(response, allowance));

    private Task WriteAsync()
    {
        var headers = _response.Headers;
        headers["RateLimit-Limit"] = Text(_allowance.Burst);
        headers["RateLimit-Remaining"] = Text(_allowance.Remaining);
        headers["RateLimit-Reset"] = Text((long)Math.Ceiling(_allowance.UntilFull.TotalSeconds));
        return Task.CompletedTask;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
