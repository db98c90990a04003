using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Hokusai.Edge.Forwarding;

/// <summary>What the load balancer changes in one request: headers about where it came from, and path and host where a rule rewrites them. Answers pass.</summary>
/// <param name="options">The attributes of the load balancer.</param>
/// <param name="path">Path and query for the target.</param>
/// <param name="host">Host header for the target.</param>
/// <param name="now">The time.</param>
internal sealed class RequestTransform(EdgeOptions options, string path, string host, DateTimeOffset now) : HttpTransformer
{
    // The load balancer forwards the path byte for byte; whoever cleans it here would hide from tests what the real one lets through.
    private static readonly UriCreationOptions AsReceived = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        var headers = httpContext.Request.Headers;
        if (options.DropInvalidHeaderFields) DropInvalid(headers, proxyRequest);
        proxyRequest.RequestUri = new Uri(string.Concat(destinationPrefix, path), AsReceived);
        proxyRequest.Headers.Host = host;
        Set(proxyRequest, ForwardedHeaders.For, ForwardedHeaders.Compose(options.XffHeaderProcessingMode, headers[ForwardedHeaders.For], ForwardedHeaders.PeerOf(httpContext), options.XffClientPort ? httpContext.Connection.RemotePort : null));
        Set(proxyRequest, "X-Forwarded-Proto", httpContext.Request.Scheme);
        Set(proxyRequest, "X-Forwarded-Port", httpContext.Connection.LocalPort.ToString(CultureInfo.InvariantCulture));
        Set(proxyRequest, TraceHeader.Name, TraceHeader.Compose(headers[TraceHeader.Name], TraceHeader.NewId(now)));
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        // The client library takes any three digits.
        if (proxyResponse is { StatusCode: < HttpStatusCode.Continue }) throw new InvalidDataException($"the target answered with the status {(int)proxyResponse.StatusCode}");
        // Such an answer has no body, RFC 9110 section 15.3; some targets give it a length all the same, which the server beneath takes for a fault of its own.
        var isEmpty = proxyResponse?.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.ResetContent;
        if (isEmpty) proxyResponse!.Content.Headers.Remove("Content-Length");
        return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken) && !isEmpty;
    }

    private static void Set(HttpRequestMessage request, string name, string? value)
    {
        request.Headers.Remove(name);
        if (value is not null) request.Headers.TryAddWithoutValidation(name, value);
    }

    private static void DropInvalid(IHeaderDictionary headers, HttpRequestMessage request)
    {
        foreach (var name in headers.Keys.Where(n => !n.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))) request.Headers.Remove(name);
    }
}
