using System.Globalization;
using Hokusai.Tracking.Artifacts.S3;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Artifacts;

/// <summary>
/// Where artifacts are, as URIs and as stores. With artifact serving on, URIs are <c>mlflow-artifacts:/…</c> and mean
/// places below the artifacts' destination; otherwise clients write to the default root themselves.
/// </summary>
internal sealed class ArtifactLocations : IDisposable
{
    private const string ProxyScheme = "mlflow-artifacts:";

    private readonly string _defaultRoot;
    private readonly List<IArtifactStore> _stores = [];

    /// <param name="defaultRoot">Root of new experiments' locations: a URI or a path.</param>
    /// <param name="destination">Folder or bucket behind <c>mlflow-artifacts:</c> URIs.</param>
    /// <param name="serve">Whether the server stores artifacts for its clients.</param>
    /// <param name="openS3">Opens a place in S3; without it, artifacts there are for clients alone.</param>
    public ArtifactLocations(string? defaultRoot, string destination, bool serve, Func<S3Location, IArtifactStore>? openS3 = null)
    {
        Destination = openS3 is not null && S3Location.TryParse(destination, out var bucket, out _) ? openS3(bucket) : new ArtifactFolder(LocalPath(destination) ?? destination);
        _stores.Add(Destination);
        _defaultRoot = defaultRoot is null ? (serve ? ProxyScheme + "/" : Path.GetFullPath("mlruns")) : LocalPath(defaultRoot) ?? defaultRoot;
        if (LocalPath(_defaultRoot) is { } local) _stores.Add(new ArtifactFolder(local));
        else if (openS3 is not null && S3Location.TryParse(_defaultRoot.Split('?', 2)[0], out var root, out _)) _stores.Add(openS3(root));
    }

    /// <summary>What holds the files that clients upload.</summary>
    public IArtifactStore Destination { get; }

    public string OfExperiment(long id) => Append(_defaultRoot, id.ToString(CultureInfo.InvariantCulture));

    public static string OfRun(string experimentLocation, string runId) => Append(experimentLocation, runId, "artifacts");

    public static string OfLoggedModel(string experimentLocation, string modelId) => Append(experimentLocation, "models", modelId, "artifacts");

    /// <summary>Whether a location is written and read by clients themselves, as a path of the file system.</summary>
    public static bool IsLocal(string location) => LocalPath(location) is not null;

    /// <summary>Checks the location that a client gives to a new experiment; local paths become absolute.</summary>
    public static string Accept(string location)
    {
        Rules.NotLonger("artifact location", location, Rules.LongestArtifactLocation);
        if (location.IndexOfAny(['#', ';']) >= 0) throw ApiException.Invalid("'artifact_location' URL can't include fragments or params.");
        var query = location.IndexOf('?', StringComparison.Ordinal);
        if (query >= 0 && ArtifactPath.DecodeFully(location[query..]).Contains("..", StringComparison.Ordinal)) throw ApiException.Invalid("Invalid query string: it walks up");
        // A server that fetched what a client names would be a door into its network.
        if (location.StartsWith("http:", StringComparison.OrdinalIgnoreCase) || location.StartsWith("https:", StringComparison.OrdinalIgnoreCase) || location.StartsWith("ftp:", StringComparison.OrdinalIgnoreCase))
            throw ApiException.Invalid($"Invalid artifact_location '{location}': artifacts can't be kept at a web address; use mlflow-artifacts:/… or leave it out");
        return LocalPath(location) ?? location;
    }

    /// <summary>The store and the path in it that a location and a path below it mean.</summary>
    /// <exception cref="ApiException">The location is not one that this server can read.</exception>
    public (IArtifactStore Store, string Path) Resolve(string location, string path)
    {
        if (location.StartsWith(ProxyScheme, StringComparison.Ordinal))
        {
            var below = location[ProxyScheme.Length..].Split('?', 2)[0];
            if (below.StartsWith("//", StringComparison.Ordinal)) below = below[2..] is var rest && rest.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? rest[slash..] : "";
            return (Destination, Join(ArtifactPath.Clean(below.TrimStart('/')), path));
        }
        if (LocalPath(location) is { } local)
        {
            foreach (var folder in _stores.OfType<ArtifactFolder>())
            {
                if (folder.PathBelow(local) is not { } below) continue;
                if (below.Split('/')[0] == ArtifactFolder.UploadsFolder) throw ArtifactPath.Invalid();
                return (folder, Join(below, path));
            }
            throw ApiException.Invalid($"The artifacts at '{location}' lie outside of the folders that this server reads; start it with --artifacts-destination or --default-artifact-root at or above them");
        }
        foreach (var bucket in _stores.OfType<S3Store>())
        {
            if (bucket.Location.PathBelow(location) is { } below) return (bucket, Join(below, path));
        }
        throw ApiException.Invalid($"The artifacts at '{location}' are not kept by this server: read them from there");
    }

    public void Dispose()
    {
        foreach (var store in _stores) store.Dispose();
    }

    /// <summary>The path of a local location; null if it is a URI of another scheme.</summary>
    private static string? LocalPath(string location)
    {
        if (location.Contains('\0', StringComparison.Ordinal) || location.Equals("file:", StringComparison.OrdinalIgnoreCase)) throw ArtifactPath.Invalid();
        if (location.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
            return Uri.TryCreate(location, UriKind.Absolute, out var uri) && (uri.Host is "" or "localhost" or "127.0.0.1") ? Uri.UnescapeDataString(uri.AbsolutePath) : Path.GetFullPath(location["file:".Length..]);
        var colon = location.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && location.AsSpan(0, colon).IndexOf('/') < 0 ? null : Path.GetFullPath(location);
    }

    private static string Append(string uri, params string[] segments)
    {
        var query = uri.IndexOf('?', StringComparison.Ordinal);
        var (path, rest) = query < 0 ? (uri, "") : (uri[..query], uri[query..]);
        return path.TrimEnd('/') + "/" + string.Join('/', segments) + rest;
    }

    private static string Join(string below, string path) => below.Length == 0 ? path : path.Length == 0 ? below : below + "/" + path;
}
