using Hokusai.Contracts.Routing;

namespace Hokusai.Gateway.Catalogue;

/// <summary>Where the gateway takes a request, by the same prefix and catalogue that real ones go through.</summary>
/// <param name="Path">The path as MLflow gets it.</param>
/// <param name="Endpoint">Method and path with placeholders; null for the gateway's own and for what is not in the catalogue.</param>
/// <param name="Class">What the endpoint does: read, write, registry write, admin.</param>
/// <param name="Scope">The scope that a key needs.</param>
/// <param name="Retry">Whether the gateway may send it again: safe, idempotent, shielded, never.</param>
/// <param name="Body">metadata or artifact.</param>
/// <param name="Allowed">If the path is known but not for this method: the methods that it is known for.</param>
/// <param name="IsOwn">Whether the gateway answers itself, as for <c>/health</c>.</param>
public sealed record GatewayRoute(string Path, string? Endpoint, string? Class, string? Scope, string? Retry, string? Body, string? Allowed, bool IsOwn)
{
    // A value for any placeholder: what stands for one segment and for a rest of the path alike.
    private const string Sample = "x";

    private static readonly PathTable<MlflowEndpoint> Catalogue = RouteCatalogue.Build();

    /// <summary>One request for each endpoint of MLflow that the gateway knows, under each path that it has, without the gateway's prefix.</summary>
    public static IEnumerable<(string Method, string Path)> Samples => Catalogue.Entries.Select(entry => (entry.Method, string.Join('/', entry.Path.Split('/').Select(s => s.StartsWith('{') ? Sample : s))));

    /// <summary>Looks at a request.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="path">Its raw path as it arrives at the gateway, without query.</param>
    public static GatewayRoute Of(string method, string path)
    {
        var cut = GatewayPath.Cut(path).ToString();
        var isOwn = path == "/health" || cut.StartsWith("/hokusai/", StringComparison.Ordinal);
        var endpoint = isOwn ? null : Catalogue.Find(method, cut, out _, out _);
        string? allowed = null;
        if (!isOwn && endpoint is null) Catalogue.Find(method, cut, out _, out allowed);
        return new GatewayRoute(cut, endpoint?.Label, endpoint is null ? null : Word(endpoint.Class), endpoint?.Scope, endpoint is null ? null : Word(endpoint), endpoint?.Body.ToString().ToLowerInvariant(), allowed, isOwn);
    }

    private static string Word(EndpointClass value) => value == EndpointClass.RegistryWrite ? "registry write" : value.ToString().ToLowerInvariant();

    private static string Word(MlflowEndpoint endpoint) => endpoint.Retry switch
    {
        RetryClass.Safe => "safe",
        RetryClass.IdempotentWrite => "idempotent",
        _ => endpoint.Creates ? "shielded" : "never",
    };
}
