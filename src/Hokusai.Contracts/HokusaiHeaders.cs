namespace Hokusai.Contracts;

/// <summary>Header names that the hops share.</summary>
public static class HokusaiHeaders
{
    /// <summary>Id of a request, made by the gateway, on every answer.</summary>
    public const string RequestId = "X-Request-Id";

    /// <summary>Where clients may put a key besides <c>Authorization</c>.</summary>
    public const string ApiKey = "X-API-Key";

    /// <summary>Whose key it was, set by the gateway for the upstream; dropped when a client sends it.</summary>
    public const string UserId = "X-Hokusai-User-Id";

    /// <summary>Id of the key, set by the gateway for the upstream.</summary>
    public const string KeyId = "X-Hokusai-Key-Id";

    /// <summary>The key's scopes, comma-separated, set by the gateway for the upstream.</summary>
    public const string Scopes = "X-Hokusai-Scopes";

    /// <summary>When the key ends (RFC 3339), on answers within the last 14 days before.</summary>
    public const string KeyExpires = "Hokusai-Key-Expires";

    /// <summary>All headers that only Hokusai may set begin with this.</summary>
    public const string Prefix = "X-Hokusai-";
}
