namespace Hokusai.Keys;

/// <summary>What of the auth service clients may reach through a load balancer: validation and self-service, no administration.</summary>
public static class KeysEndpoints
{
    /// <summary>Methods and paths.</summary>
    public static IReadOnlyList<(string Method, string Path)> ThroughLoadBalancer { get; } =
    [
        ("GET", "/health"),
        ("POST", "/api/v1/keys/validate"),
        ("GET", "/api/v1/keys/self"),
        ("POST", "/api/v1/keys/revoke-leaked"),
    ];
}
