using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Sessions;

/// <summary>What a request says of the browser that sent it. Scripts on other pages can't set these headers.</summary>
internal static class BrowserRequest
{
    /// <summary>Whether somebody opens a page: asks for HTML above all, and does so by going there.</summary>
    public static bool IsNavigation(HttpRequest request)
    {
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)) return false;
        if (request.Headers["Sec-Fetch-Mode"] is [{ } mode] && mode != "navigate") return false;
        return PrefersHtml(request.Headers.Accept.ToString());
    }

    /// <summary>Whether a browser sent it, which answers a Basic challenge with a dialog of its own.</summary>
    public static bool IsBrowser(HttpRequest request) => request.Headers.ContainsKey("Sec-Fetch-Mode") || SessionCookie.IsSent(request);

    /// <summary>
    /// Whether a page of this very origin sent it. Browsers say so in <c>Sec-Fetch-Site</c>; those that do not know it, and all of them on plain
    /// HTTP, send <c>Origin</c> with whatever is not a GET. Neither counts as no.
    /// </summary>
    public static bool IsSameOrigin(HttpRequest request, bool isTls)
    {
        if (request.Headers["Sec-Fetch-Site"] is [{ } site]) return site == "same-origin";
        if (request.Headers.Origin is not [{ } text] || !Uri.TryCreate(text, UriKind.Absolute, out var origin)) return false;
        // Behind a load balancer that nobody declared as trusted, the scheme is not known; the host is.
        if (isTls && origin.Scheme != Uri.UriSchemeHttps) return false;
        return Uri.TryCreate($"{origin.Scheme}://{request.Host.Value}", UriKind.Absolute, out var own) && own.Host.Length > 0
            && own.Host.Equals(origin.Host, StringComparison.OrdinalIgnoreCase) && own.Port == origin.Port;
    }

    private static bool PrefersHtml(string accept)
    {
        double? html = null, json = null;
        foreach (var part in accept.Split(','))
        {
            var fields = part.Split(';', StringSplitOptions.TrimEntries);
            var weight = Array.Find(fields, field => field.StartsWith("q=", StringComparison.OrdinalIgnoreCase)) is { } q
                ? double.TryParse(q.AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var given) ? given : 0
                : 1;
            if (fields[0].Equals("text/html", StringComparison.OrdinalIgnoreCase)) html = weight;
            else if (fields[0].Equals("application/json", StringComparison.OrdinalIgnoreCase)) json = weight;
        }
        return html > 0 && !(json >= html);
    }
}
