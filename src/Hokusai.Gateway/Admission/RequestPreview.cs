using Hokusai.Contracts.Keys;
using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Sessions;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Admission;

/// <summary>What the gateway makes of a request before it asks anybody: by the same code that admits real ones.</summary>
/// <param name="Place">Where it finds the credential: header and scheme.</param>
/// <param name="Key">The key, if exactly one of a key's form was sent.</param>
/// <param name="Endpoint">The endpoint of MLflow; null for the gateway's own and for none.</param>
/// <param name="Scope">The scope that the endpoint needs.</param>
/// <param name="Code">Why it is refused, <c>HKS-…</c>; null if nothing speaks against it so far.</param>
/// <param name="Message">The same in words.</param>
/// <param name="Hint">What would help.</param>
public sealed record RequestPreview(string Place, ApiKey? Key, string? Endpoint, string? Scope, string? Code, string? Message, string? Hint)
{
    private static readonly PathTable<MlflowEndpoint> Catalogue = RouteCatalogue.Build();

    /// <summary>Looks at a request.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="target">Its target: path and query, or a whole URL.</param>
    /// <param name="headers">Its headers in their order.</param>
    public static RequestPreview Of(string method, string target, IEnumerable<(string Name, string Value)> headers)
    {
        var request = new DefaultHttpContext().Request;
        foreach (var (name, value) in headers) request.Headers.Append(name, value);
        var path = RawTarget.PathOf(target);
        var endpoint = Catalogue.Find(method, GatewayPath.Cut(path), out _, out var allowed);
        var credential = CredentialReader.Read(request, RawTarget.QueryOf(target));
        var place = endpoint is not null || IsOwn(GatewayPath.Cut(path)) ? credential.Fault : allowed is null ? FailurePlace.EndpointUnknown : FailurePlace.MethodUnknown;
        // Only the gateway that sealed the cookie can say what is in it.
        if (place == FailurePlace.CredentialMissing && SessionCookie.IsSent(request)) (credential, place) = (credential with { Place = BrowserSessions.Place }, null);
        var failure = place is { } known ? Failures.Of(known) : null;
        var detail = place == credential.Fault ? credential.Detail : null;
        return new RequestPreview(credential.Place, credential.Key, endpoint?.Label, endpoint?.Scope, failure?.Code, detail is null ? failure?.Message : $"{failure!.Message} {detail}", failure?.Hint);
    }

    private static bool IsOwn(ReadOnlySpan<char> path) => path.StartsWith("/hokusai/") || path.SequenceEqual("/health");
}
