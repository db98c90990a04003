using Hokusai.Edge.Requests;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Hokusai.Edge.Forwarding;

/// <summary>Which status the load balancer gives where forwarding fails.</summary>
/// <remarks>Source: AWS, "Troubleshoot your Application Load Balancers".</remarks>
internal static class FailedForward
{
    /// <summary>The client went away: no answer, only a line in the log.</summary>
    public const int ClientWentAway = 460;

    /// <summary>The status for a failure.</summary>
    /// <param name="http">The request.</param>
    /// <param name="error">Where forwarding failed.</param>
    /// <param name="cut">Whether the target's deregistration delay ran out.</param>
    public static int StatusOf(HttpContext http, ForwarderError error, bool cut)
    {
        if (cut) return StatusCodes.Status502BadGateway;
        if (IsTimeout(http.GetForwarderErrorFeature()?.Exception)) return http.Request.Body is BodyWatch { HasEnded: false } ? StatusCodes.Status408RequestTimeout : StatusCodes.Status504GatewayTimeout;
        // When the target breaks off half-way it is the forwarder that hung up on the client.
        if (http.RequestAborted.IsCancellationRequested && error is not (ForwarderError.ResponseBodyDestination or ForwarderError.UpgradeResponseDestination)) return ClientWentAway;
        return error == ForwarderError.RequestBodyClient ? StatusCodes.Status400BadRequest : StatusCodes.Status502BadGateway;
    }

    private static bool IsTimeout(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is TimeoutException || (error is AggregateException several && several.InnerExceptions.Any(IsTimeout))) return true;
        }
        return false;
    }
}
