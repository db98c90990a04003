using Microsoft.AspNetCore.Http;

namespace Hokusai.Keys;

/// <summary>Where an endpoint is offered.</summary>
[Flags]
internal enum KeysListener
{
    /// <summary>Where gateways ask, and clients through the load balancer.</summary>
    Public = 1,

    /// <summary>The administration's own address.</summary>
    Admin = 2,
}

/// <summary>One endpoint of the auth service.</summary>
/// <param name="Listener">Where it is offered.</param>
/// <param name="Method">The method.</param>
/// <param name="Path">The path; <c>{key_id}</c> stands for one segment.</param>
/// <param name="Handle">Answers, given what stands for the id.</param>
internal sealed record KeysRoute(KeysListener Listener, string Method, string Path, Func<HttpContext, string, Task> Handle)
{
    private const string Id = "{key_id}";

    /// <summary>Whether clients may reach it through a load balancer.</summary>
    public bool ThroughLoadBalancer { get; } = KeysEndpoints.ThroughLoadBalancer.Contains((Method, Path));

    /// <summary>Whether the route takes a request, and what stands for the id there.</summary>
    public bool Takes(string method, string path, out string id)
    {
        id = "";
        if (method != Method) return false;
        var at = Path.IndexOf(Id, StringComparison.Ordinal);
        if (at < 0) return path == Path;
        var rest = Path.AsSpan(at + Id.Length);
        if (path.Length <= at + rest.Length || !path.StartsWith(Path[..at], StringComparison.Ordinal) || !path.AsSpan().EndsWith(rest, StringComparison.Ordinal)) return false;
        id = path[at..^rest.Length];
        return !id.Contains('/', StringComparison.Ordinal);
    }
}
