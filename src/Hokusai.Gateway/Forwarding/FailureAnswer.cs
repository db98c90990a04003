using System.Globalization;
using Hokusai.Contracts.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Hokusai.Gateway.Forwarding;

/// <summary>Writes the answer that follows from a place of failure.</summary>
internal static class FailureAnswer
{
    private const string Name = "hokusai-gateway";

    // The second alone for browsers: at Basic they ask in a dialog of their own, in the middle of MLflow's page.
    private static readonly StringValues Challenges = new(["Basic realm=\"hokusai\", charset=\"UTF-8\"", "Bearer realm=\"hokusai\""]);

    /// <summary>Answers, if the answer has not begun yet.</summary>
    /// <param name="http">The request.</param>
    /// <param name="exchange">What happened so far.</param>
    /// <param name="place">Where it failed.</param>
    /// <param name="detail">What is known beyond the place, without secrets.</param>
    public static async Task WriteAsync(HttpContext http, Exchange exchange, FailurePlace place, string? detail = null)
    {
        exchange.Failure = place;
        exchange.FailureDetail = detail;
        var failure = Failures.Of(place);
        if (http.Response.HasStarted || place == FailurePlace.ClientGone)
        {
            // Half an answer must not look like a whole one.
            http.Abort();
            return;
        }
        var response = http.Response;
        response.Clear();
        response.StatusCode = failure.Status;
        response.Headers[Contracts.HokusaiHeaders.RequestId] = exchange.RequestId;
        if (failure.Status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = Sessions.BrowserRequest.IsBrowser(http.Request) ? Challenges[1] : Challenges;
        if ((exchange.RetryAfter ?? failure.RetryAfter) is { } seconds) response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (failure.ProxyStatus is not null) response.Headers["Proxy-Status"] = $"{Name}; error={failure.ProxyStatus}";
        if (exchange.AllowedMethods is not null) response.Headers.Allow = exchange.AllowedMethods;
        response.ContentType = "application/json";
        var message = detail is null ? failure.Message : $"{failure.Message} {detail}";
        var body = new ErrorBody(failure.ErrorCode, $"{message} (request {exchange.RequestId})", failure.Code, exchange.RequestId, place.ToString(), failure.Hint, exchange.Attempts.Length, exchange.Upstream).ToUtf8();
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await response.Body.WriteAsync(body, http.RequestAborted);
    }
}
