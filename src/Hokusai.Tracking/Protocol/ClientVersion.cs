using System.Globalization;

namespace Hokusai.Tracking.Protocol;

/// <summary>The version of MLflow's Python client, from its user agent.</summary>
internal static class ClientVersion
{
    private const string Product = "mlflow-python-client/";

    /// <summary>The major version; null for any other client, which gets the newest answers.</summary>
    public static int? Major(string? userAgent)
    {
        if (userAgent is null || !userAgent.StartsWith(Product, StringComparison.Ordinal)) return null;
        var version = userAgent.AsSpan(Product.Length);
        var dot = version.IndexOf('.');
        return dot > 0 && int.TryParse(version[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : null;
    }
}
