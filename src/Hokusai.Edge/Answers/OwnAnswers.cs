using Hokusai.Contracts.Routing;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Edge.Answers;

/// <summary>The actions that need no target.</summary>
internal static class OwnAnswers
{
    /// <summary>Gives a fixed response.</summary>
    public static Task GiveAsync(HttpContext http, FixedResponse response) => OwnPage.WriteAsync(http, response.Status, response.ContentType, response.Body);

    /// <summary>Sends the client somewhere else.</summary>
    public static Task RedirectAsync(HttpContext http, Redirect redirect, ListenerRequest request)
    {
        // AWS does not say what #{host} is where the client names none; a location must have one.
        var host = request.Host.Length > 0 ? request.Host : new HostString(http.Connection.LocalIpAddress!.ToString(), http.Connection.LocalPort).Host;
        http.Response.Headers.Location = RedirectLocation.Of(redirect, new RedirectSource(http.Request.Scheme, host, http.Connection.LocalPort, request.Path, request.Query.StartsWith('?') ? request.Query[1..] : request.Query));
        return OwnPage.WriteAsync(http, redirect.Status);
    }
}
