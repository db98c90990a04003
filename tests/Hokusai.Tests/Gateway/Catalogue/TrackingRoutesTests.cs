using System.Text.RegularExpressions;
using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Catalogue;
using Hokusai.Tests.Architecture;
using Hokusai.Tracking;
using Hokusai.Tracking.Artifacts;
using Hokusai.Tracking.Experiments;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tests.Gateway.Catalogue;

/// <summary>The gateway refuses what its catalogue does not know: an endpoint of the tracking server that is missing there could not be reached.</summary>
public sealed partial class TrackingRoutesTests
{
    private static readonly PathTable<MlflowEndpoint> Catalogue = RouteCatalogue.Build();

    [Fact]
    public void Routes_OfTheTrackingServer_AreInTheCatalogue()
    {
        var routes = Routes();
        Assert.True(routes.Count > 100, $"only {routes.Count} routes were found");
        Repository.AssertNone(routes.SelectMany(Ways).Where(way => way.Found is null).Select(way => $"{way.Method} {way.Path}: is not in the gateway's catalogue"));
    }

    // What holds for one way to an endpoint holds for all: no prefix is a way around a scope or a limit.
    [Fact]
    public void Routes_OfTheTrackingServer_AreOneEndpointUnderAllPrefixes() => Repository.AssertNone(Routes()
        .GroupBy(entry => entry.Value)
        .Select(twins => twins.SelectMany(Ways).ToList())
        .Where(ways => ways.Select(way => way.Found).Distinct().Count() > 1)
        .Select(ways => string.Join(" and ", ways.Select(way => $"{way.Method} {way.Path}: {way.Found?.Label}").Distinct()) + ": are not the same endpoint"));

    private static IEnumerable<(string Method, string Path, MlflowEndpoint? Found)> Ways((string Method, string Path, Route Value) entry)
    {
        var path = Placeholder().Replace(entry.Path, found => found.Value.StartsWith("{*", StringComparison.Ordinal) ? "a/b" : "x1");
        return ((string[])["", "/api/mlflow", "/mlflow"]).Select(prefix => (entry.Method, prefix + path, Catalogue.Find(entry.Method, GatewayPath.Cut(prefix + path), out _, out _)));
    }

    // Listing them asks no store for anything.
    private static List<(string Method, string Path, Route Value)> Routes()
    {
        var locations = new ArtifactLocations(null, "./mlartifacts", serve: true);
        return [.. RouteTable.Build(TrackingServer.Routes(null!, new ExperimentStore(null!, locations, TimeProvider.System), locations, serveArtifacts: true, TimeProvider.System), "").Entries];
    }

    [GeneratedRegex(@"\{[^}]+\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
