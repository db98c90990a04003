using Hokusai.Contracts;
using Hokusai.Contracts.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Hokusai.Gateway.Forwarding;

/// <summary>What changes in a request on its way to MLflow, and in the answer on its way back.</summary>
internal sealed class UpstreamTransformer(GatewayOptions options) : HttpTransformer
{
    // A canonicalised path would turn %2e%2e into a walk and %2F into a separator behind the catalogue's back.
    private static readonly UriCreationOptions AsReceived = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        var exchange = (Exchange)httpContext.Items[typeof(Exchange)]!;
        var query = RawTarget.QueryOf(httpContext.Features.Get<IHttpRequestFeature>()!.RawTarget);
        proxyRequest.RequestUri = new Uri(string.Concat(destinationPrefix, exchange.Path, query), AsReceived);
        // The name in the upstream's address is what its own Host check knows; the client's Host is the load balancer's.
        proxyRequest.Headers.Host = null;
        DropClientsClaims(proxyRequest);
        ReplaceCredential(proxyRequest);
        proxyRequest.Headers.TryAddWithoutValidation(HokusaiHeaders.RequestId, exchange.RequestId);
        if (exchange.Key is not { } key) return;
        proxyRequest.Headers.TryAddWithoutValidation(HokusaiHeaders.UserId, HeaderValue(key.UserId));
        proxyRequest.Headers.TryAddWithoutValidation(HokusaiHeaders.KeyId, HeaderValue(key.KeyId));
        proxyRequest.Headers.TryAddWithoutValidation(HokusaiHeaders.Scopes, string.Join(',', key.Scopes.Select(HeaderValue)));
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        var proceed = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        httpContext.Response.Headers[HokusaiHeaders.RequestId] = ((Exchange)httpContext.Items[typeof(Exchange)]!).RequestId;
        return proceed;
    }

    private static void DropClientsClaims(HttpRequestMessage request)
    {
        foreach (var name in request.Headers.NonValidated.Select(h => h.Key).Where(IsOurs).ToList()) request.Headers.Remove(name);
    }

    // WSGI servers make one name of X_Hokusai_User_Id and X-Hokusai-User-Id, so both are a claim.
    private static bool IsOurs(string name)
    {
        name = name.Replace('_', '-');
        return name.StartsWith(HokusaiHeaders.Prefix, StringComparison.OrdinalIgnoreCase) || name.Equals(HokusaiHeaders.RequestId, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsApiKey(string name) => name.Replace('_', '-').Equals(HokusaiHeaders.ApiKey, StringComparison.OrdinalIgnoreCase);

    // The auth service's words, and with them its users': a line break would begin a header of their own, a letter beyond ASCII none at all.
    private static string HeaderValue(string value) => value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? Uri.EscapeDataString(value) : value;

    private void ReplaceCredential(HttpRequestMessage request)
    {
        if (options.UpstreamCredential == UpstreamCredential.Forward) return;
        request.Headers.Remove("Authorization");
        foreach (var name in request.Headers.NonValidated.Select(h => h.Key).Where(IsApiKey).ToList()) request.Headers.Remove(name);
        if (options.UpstreamCredential == UpstreamCredential.ServiceToken) request.Headers.TryAddWithoutValidation("Authorization", options.ServiceToken);
    }
}
