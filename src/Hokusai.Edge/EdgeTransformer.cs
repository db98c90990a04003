using System.Globalization;
using System.Security.Cryptography;
using Hokusai.Contracts.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Hokusai.Edge;

/// <summary>What the load balancer changes in a request: headers about where it came from, and the path only where a rule rewrites it.</summary>
/// <remarks>Source: AWS, "X-Forwarded headers" (append mode), "Request tracing for your Application Load Balancer".</remarks>
internal sealed class EdgeTransformer(RoutingTable table, TimeProvider time) : HttpTransformer
{
    private const string TraceHeader = "X-Amzn-Trace-Id";

    // The load balancer forwards the path byte for byte; whoever cleans it here would hide from tests what the real one lets through.
    private static readonly UriCreationOptions AsReceived = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        var target = httpContext.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var rule = (ListenerRule)httpContext.Items[typeof(ListenerRule)]!;
        var path = table.Rewrite(rule, string.Concat(RawTarget.PathOf(target), RawTarget.QueryOf(target)));
        proxyRequest.RequestUri = new Uri(string.Concat(destinationPrefix, path), AsReceived);
        proxyRequest.Headers.Host = httpContext.Request.Host.Value;
        AddForwarded(httpContext, proxyRequest);
        AddTrace(httpContext, proxyRequest);
    }

    private static void AddForwarded(HttpContext http, HttpRequestMessage request)
    {
        var address = http.Connection.RemoteIpAddress;
        var peer = (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString() ?? "";
        string? before = http.Request.Headers["X-Forwarded-For"];
        Set(request, "X-Forwarded-For", string.IsNullOrEmpty(before) ? peer : $"{before}, {peer}");
        Set(request, "X-Forwarded-Proto", http.Request.Scheme);
        Set(request, "X-Forwarded-Port", http.Connection.LocalPort.ToString(CultureInfo.InvariantCulture));
    }

    private void AddTrace(HttpContext http, HttpRequestMessage request)
    {
        string? before = http.Request.Headers[TraceHeader];
        var own = $"1-{time.GetUtcNow().ToUnixTimeSeconds():x8}-{RandomNumberGenerator.GetHexString(24, lowercase: true)}";
        Set(request, TraceHeader, before?.Contains("Root=", StringComparison.Ordinal) == true ? $"Self={own};{before}" : $"Root={own}");
    }

    private static void Set(HttpRequestMessage request, string name, string value)
    {
        request.Headers.Remove(name);
        request.Headers.TryAddWithoutValidation(name, value);
    }
}
