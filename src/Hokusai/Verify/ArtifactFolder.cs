namespace Hokusai.Verify;

/// <summary>A file as it was sent, to be compared with what comes back.</summary>
/// <param name="Name">Its path below the folder, as people write it.</param>
/// <param name="Length">Bytes sent.</param>
/// <param name="Sha256">SHA-256 of the bytes sent, in hexadecimal.</param>
internal sealed record SentFile(string Name, long Length, string Sha256);

/// <summary>A folder of the artifact server: what an <c>artifact_uri</c> stands for.</summary>
/// <param name="Path">Below the artifact root, without slashes at the ends, escaped as the server wrote it.</param>
internal sealed record ArtifactFolder(string Path)
{
    private const string Scheme = "mlflow-artifacts:";

    /// <summary>Where the artifact server lies below the tracking URL.</summary>
    public const string Route = "/api/2.0/mlflow-artifacts/artifacts";

    /// <summary>Reads an <c>artifact_uri</c> as MLflow's client does.</summary>
    /// <param name="uri">What the server answered.</param>
    /// <param name="trackingUrl">The URL in use: the folder must be reachable through it.</param>
    public static ArtifactFolder FromUri(string uri, string trackingUrl)
    {
        var path = uri.StartsWith(Scheme, StringComparison.Ordinal) ? uri[Scheme.Length..] : uri;
        if (uri.StartsWith(trackingUrl + Route + "/", StringComparison.Ordinal)) path = uri[(trackingUrl.Length + Route.Length)..];
        else if (ReferenceEquals(path, uri))
            throw new StepFailedException($"artifact_uri is {uri}: the server does not pass artifacts on itself, so that every client needs access to that store (mlflow server --serve-artifacts)");

        // mlflow-artifacts://host/… sends clients to that host, past the address that they were given.
        if (path.StartsWith("//", StringComparison.Ordinal)) path = SameHost(uri, path, trackingUrl);
        path = path.Trim('/');
        if (path.Length == 0 || path.Split('/').Contains("..")) throw new StepFailedException($"artifact_uri is {uri}, which names no folder");
        return new ArtifactFolder(path);
    }

    public ArtifactFolder Below(string name) => new($"{Path}/{Escape(name)}");

    /// <summary>URL of a file in this folder.</summary>
    public string UrlOf(string name, string trackingUrl) => $"{trackingUrl}{Route}/{Path}/{Escape(name)}";

    /// <summary>URL of the folder itself.</summary>
    public string Url(string trackingUrl) => $"{trackingUrl}{Route}/{Path}";

    /// <summary>URL that lists the folder.</summary>
    public string ListUrl(string trackingUrl) => $"{trackingUrl}{Route}?path={Uri.EscapeDataString(Uri.UnescapeDataString(Path))}";

    private static string SameHost(string uri, string path, string trackingUrl)
    {
        var end = path.IndexOf('/', 2);
        var host = end < 0 ? path[2..] : path[2..end];
        if (host.Length == 0 || host == new Uri(trackingUrl).Authority) return end < 0 ? "" : path[end..];
        throw new StepFailedException($"artifact_uri is {uri}: it sends clients to {host} instead of the URL that they use (mlflow server --default-artifact-root mlflow-artifacts:/)");
    }

    private static string Escape(string name) => string.Join('/', name.Split('/').Select(Uri.EscapeDataString));
}
