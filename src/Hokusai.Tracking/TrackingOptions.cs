using Hokusai.Tracking.Artifacts.S3;

namespace Hokusai.Tracking;

/// <summary>Settings of the tracking server. Names and meanings are those of <c>mlflow server</c>'s flags.</summary>
public sealed record TrackingOptions
{
    /// <summary>Where experiments, runs and models are kept.</summary>
    /// <value><c>sqlite:///FILE</c> or <c>postgresql://USER:PASSWORD@HOST:PORT/NAME</c>; default <c>sqlite:///mlflow.db</c> in the current folder.</value>
    public string BackendStoreUri { get; init; } = "sqlite:///mlflow.db";

    /// <summary>Root of the locations of new experiments.</summary>
    /// <value>A URI or a path, relative to the current folder; default <c>mlflow-artifacts:/</c> while artifacts are served, <c>./mlruns</c> otherwise.</value>
    public string? DefaultArtifactRoot { get; init; }

    /// <summary>Where the artifacts lie that clients send through the server.</summary>
    /// <value>
    /// A folder, as a path or <c>file://</c> URI, or <c>s3://BUCKET/PREFIX</c>; default <c>./mlartifacts</c>. Without meaning while artifacts
    /// are not served. A bucket that can't be listed or written ends the start within 5 s.
    /// </value>
    public string ArtifactsDestination { get; init; } = "./mlartifacts";

    /// <summary>Address of a store that speaks S3, in place of AWS'; buckets stand in the path then.</summary>
    /// <value>An http or https address; default none. MLflow takes it from <c>MLFLOW_S3_ENDPOINT_URL</c>, AWS' SDKs from <c>AWS_ENDPOINT_URL_S3</c>.</value>
    public string? S3Endpoint { get; init; }

    /// <summary>Whether clients read and write artifacts through the server.</summary>
    /// <value>Default true. If false, clients must reach the artifacts' location themselves.</value>
    public bool ServeArtifacts { get; init; } = true;

    /// <summary>Path in front of the UI's endpoints (<c>/ajax-api</c>, <c>/get-artifact</c>, <c>/</c>); <c>/api</c>, <c>/health</c> and <c>/version</c> never have it.</summary>
    /// <value>Starts with a slash and does not end with one; default empty.</value>
    public string StaticPrefix { get; init; } = "";

    /// <summary>Host names under which the server may be asked, against DNS rebinding.</summary>
    /// <value>Exact names with their port, or globs; <c>*</c> for any. Default empty: localhost and private addresses, with any port.</value>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Reads that run side by side.</summary>
    /// <value>1 to 64, default 4.</value>
    public int Workers { get; init; } = 4;

    /// <summary>All faults at once, each with key, value and remedy.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        if (!Storage.DatabaseLocation.TryParse(BackendStoreUri, out _, out var fault)) faults.Add($"backend-store-uri '{BackendStoreUri.Split('@')[^1]}': {fault}");
        if (Workers is < 1 or > 64) faults.Add($"workers {Workers}: must be 1 to 64");
        if (StaticPrefix.Length > 0 && (!StaticPrefix.StartsWith('/') || StaticPrefix.EndsWith('/'))) faults.Add($"static-prefix '{StaticPrefix}': must start with a slash and not end with one");
        if (S3Location.Is(ArtifactsDestination)) AddBucketFault("artifacts-destination", ArtifactsDestination);
        else if (IsRemote(ArtifactsDestination)) faults.Add($"artifacts-destination '{ArtifactsDestination}': only folders (a path or file:///PATH) and s3://BUCKET/PREFIX are supported");
        if (DefaultArtifactRoot is { } root)
        {
            if (S3Location.Is(root)) AddBucketFault("default-artifact-root", root.Split('?', 2)[0]);
            else if (ServeArtifacts && IsRemote(root) && !root.StartsWith("mlflow-artifacts:", StringComparison.Ordinal))
                faults.Add($"default-artifact-root '{root}': this server reads folders, s3://BUCKET/PREFIX and mlflow-artifacts:/ only; give --no-serve-artifacts if clients reach it themselves");
        }
        if (S3Endpoint is { } endpoint && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")) faults.Add($"MLFLOW_S3_ENDPOINT_URL or AWS_ENDPOINT_URL_S3 '{endpoint}': must be an http or https address");
        return faults;

        void AddBucketFault(string flag, string location)
        {
            if (!S3Location.TryParse(location, out _, out var wrong)) faults.Add($"{flag} '{location}': {wrong}");
        }
    }

    private static bool IsRemote(string location) => location.Contains("://", StringComparison.Ordinal) && !location.StartsWith("file:", StringComparison.OrdinalIgnoreCase);
}
