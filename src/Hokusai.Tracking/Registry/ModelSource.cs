using System.Text.RegularExpressions;
using Hokusai.Storage;
using Hokusai.Tracking.Artifacts;
using Hokusai.Tracking.LoggedModels;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Registry;

/// <summary>
/// The source of a model version: which are refused, and where they really are. A source that walks out of its folder
/// has been the door of most of MLflow's published vulnerabilities, so the check spares none, prompts included.
/// </summary>
internal static partial class ModelSource
{
    /// <summary>Refuses a source that could lead where its maker may not read.</summary>
    /// <param name="source">The source as given.</param>
    /// <param name="runLocation">Artifacts of the version's run.</param>
    /// <param name="modelLocation">Files of the version's logged model.</param>
    public static void Check(string source, string? runLocation, string? modelLocation)
    {
        if (IsLocal(source))
        {
            var path = LocalPath(source);
            var allowed = new[] { runLocation, modelLocation }.Any(root => root is not null && ArtifactLocations.IsLocal(root) && IsAtOrBelow(path, LocalPath(root)));
            if (!allowed) throw ApiException.Invalid($"Invalid model version source: '{source}'. To use a local path as a model version source, the run_id request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the run_id.");
            return;
        }
        var decoded = ArtifactPath.DecodeFully(source.Replace('+', ' '));
        var location = decoded[(decoded.IndexOf(':', StringComparison.Ordinal) + 1)..];
        if (location.Contains('\0', StringComparison.Ordinal) || location.Split('/', '\\').Any(segment => segment is ".." or "."))
            throw ApiException.Invalid($"Invalid model version source: '{source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.");
    }

    /// <summary>The location of a source: what <c>models:/</c> names is looked up, the rest is itself.</summary>
    public static string Resolve(Session session, string source)
    {
        if (LoggedModelUri().Match(source) is { Success: true } logged) return LoggedModelStore.Require(session, logged.Groups[1].Value).ArtifactUri;
        if (VersionUri().Match(source) is not { Success: true } version) return source;
        var number = ModelVersionStore.Number(version.Groups[2].Value);
        return ModelVersionStore.Require(session, Uri.UnescapeDataString(version.Groups[1].Value), number).StorageLocation;
    }

    private static bool IsLocal(string source) => source.StartsWith("file:", StringComparison.OrdinalIgnoreCase) || !SchemeStart().IsMatch(source);

    private static string LocalPath(string source)
    {
        if (!source.StartsWith("file:", StringComparison.OrdinalIgnoreCase)) return FullPath(source, source);
        // What reads the files ends the path at a query or fragment; with another reading here a source could pass the check and lie elsewhere.
        if (source.IndexOfAny(['?', '#']) >= 0) throw ApiException.Invalid($"Invalid model version source: '{source}'. A file: URI can't have a query or a fragment.");
        var rest = source["file:".Length..];
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var host = rest[2..].Split('/')[0];
            if (host is not ("" or "localhost" or "127.0.0.1")) throw ApiException.Invalid($"Invalid model version source: '{source}' is not a valid remote uri");
            rest = rest[(2 + host.Length)..];
        }
        return FullPath(ArtifactPath.DecodeFully(rest), source);
    }

    private static string FullPath(string path, string source) => path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal)
        ? Path.GetFullPath(path)
        : throw ApiException.Invalid($"Invalid model version source: '{source}'. It names no path.");

    private static bool IsAtOrBelow(string path, string root) => path.TrimEnd('/') == root.TrimEnd('/') || path.StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal);

    [GeneratedRegex("^models:/+(m-[0-9a-f]{32})$", RegexOptions.CultureInvariant)]
    private static partial Regex LoggedModelUri();

    [GeneratedRegex("^models:/+([^/]+)/([0-9]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex VersionUri();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9+.-]*:", RegexOptions.CultureInvariant)]
    private static partial Regex SchemeStart();
}
