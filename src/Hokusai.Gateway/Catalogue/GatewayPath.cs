namespace Hokusai.Gateway.Catalogue;

/// <summary>The one place where the gateway's prefix is cut: <c>/api/mlflow/REST</c> and <c>/mlflow/REST</c> become <c>/REST</c>, what has no prefix stays.</summary>
internal static class GatewayPath
{
    private static readonly string[] Prefixes = ["/api/mlflow", "/mlflow"];

    /// <summary>The path as MLflow knows it. Bytes stay as they are: nothing is decoded, nothing is cleaned.</summary>
    public static ReadOnlySpan<char> Cut(ReadOnlySpan<char> path)
    {
        foreach (var prefix in Prefixes)
        {
            if (!path.StartsWith(prefix, StringComparison.Ordinal)) continue;
            if (path.Length == prefix.Length) return "/";
            if (path[prefix.Length] == '/') return path[prefix.Length..];
        }
        return path;
    }
}
