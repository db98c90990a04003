using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Edge.Answers;

/// <summary>The pages of status codes that the load balancer makes itself.</summary>
/// <remarks>Source: AWS, "Troubleshoot your Application Load Balancers".</remarks>
internal static class OwnPage
{
    // By this header a client tells the load balancer's own answers from those of targets. Not documented; real ones have it.
    private const string Server = "awselb/2.0";

    private static readonly Dictionary<int, string> Reasons = new()
    {
        [301] = "Moved Permanently",
        [302] = "Found",
        [400] = "Bad Request",
        [405] = "Not Allowed",
        [408] = "Request Time-out",
        [463] = "",
        [500] = "Internal Server Error",
        [501] = "Not Implemented",
        [502] = "Bad Gateway",
        [503] = "Service Temporarily Unavailable",
        [504] = "Gateway Time-out",
    };

    /// <summary>Answers with a page.</summary>
    /// <param name="http">The request, whose answer has not begun.</param>
    /// <param name="status">One of the load balancer's own.</param>
    public static Task WriteAsync(HttpContext http, int status)
    {
        var title = string.Create(CultureInfo.InvariantCulture, $"{status} {Reasons[status]}").TrimEnd();
        // What is left of such a request, or comes behind it, is not worth reading.
        if (status is 400 or 408 or 501) http.Response.Headers.Connection = "close";
        return WriteAsync(http, status, "text/html", $"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>");
    }

    /// <summary>Answers with a text.</summary>
    public static Task WriteAsync(HttpContext http, int status, string contentType, string body)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.Server = Server;
        // Such an answer has no body, whatever a rule says: the server beneath takes one for a fault.
        if (status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent) return Task.CompletedTask;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = System.Text.Encoding.UTF8.GetByteCount(body);
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.WriteAsync(body, http.RequestAborted);
    }
}
