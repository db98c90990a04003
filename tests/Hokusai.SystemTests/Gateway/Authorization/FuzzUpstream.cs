using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Catalogue;
using Hokusai.Serve;
using Hokusai.SystemTests.Fixtures;
using Hokusai.Tracking;
using Hokusai.Tracking.Artifacts;
using Hokusai.Tracking.Experiments;
using Hokusai.Tracking.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hokusai.SystemTests.Gateway.Authorization;

/// <summary>
/// The upstream of the fuzz: it reads each request as the tracking server does, by that server's own routes and messages, and notes what the
/// key that sent it should not have been able to say. Experiment 1 and what is called open… is for keys with grants, experiment 2 and secret… is not.
/// </summary>
internal sealed class FuzzUpstream : IAsyncDisposable
{
    /// <summary>Stands in each item of a search that no key with grants may see.</summary>
    public const string Mark = "not-to-be-seen";

    private static readonly PathTable<Route> Routes = BuildRoutes();
    private static readonly Dictionary<string, MlflowEndpoint> ByTemplate = RouteCatalogue.Build().Entries.ToDictionary(entry => entry.Method + ' ' + entry.Path, entry => entry.Value, StringComparer.Ordinal);

    private readonly IReadOnlyDictionary<string, ValidatedKey> _keys;
    private RoleHost? _host;
    private long _reached;

    private FuzzUpstream(IReadOnlyDictionary<string, ValidatedKey> keys) => _keys = keys;

    public string Url => _host!.Url;

    /// <summary>How many requests of clients came through.</summary>
    public long Reached => Interlocked.Read(ref _reached);

    /// <summary>What came through and should not have.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    /// <param name="keys">The keys by their ids.</param>
    public static async Task<FuzzUpstream> StartAsync(IReadOnlyDictionary<string, ValidatedKey> keys)
    {
        var upstream = new FuzzUpstream(keys);
        upstream._host = await RoleHost.StartAsync(ListenAddress.Loopback(0), upstream.HandleAsync, NullLoggerFactory.Instance, new Hosting(), TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        return upstream;
    }

    public async ValueTask DisposeAsync() => await _host!.DisposeAsync();

    private async Task HandleAsync(HttpContext http)
    {
        var target = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        using var kept = new MemoryStream();
        await http.Request.Body.CopyToAsync(kept, http.RequestAborted);
        // The gateway's own questions have no such header.
        if (http.Request.Headers.ContainsKey("X-Fuzz"))
        {
            Interlocked.Increment(ref _reached);
            kept.Position = 0;
            http.Request.Body = kept;
            if (await FaultAsync(http, target) is { } fault) Faults.Enqueue($"{http.Request.Method} {target} {Encoding.UTF8.GetString(kept.ToArray())}: {fault}");
        }
        await ScriptedServer.WriteAsync(http, 200, AnswerTo(http.Request.Path.Value ?? "", target));
    }

    private async Task<string?> FaultAsync(HttpContext http, string target)
    {
        if (!_keys.TryGetValue(http.Request.Headers["X-Hokusai-Key-Id"].ToString(), out var key)) return "it came without a known key";
        if (http.Request.Headers["X-Hokusai-Scopes"].ToString() != string.Join(',', key.Scopes)) return "it came with other scopes than the key's";
        var path = RawTarget.PathOf(target).ToString();
        // What the tracking server does not know it answers 404 or 405: nothing is touched.
        if (Routes.Find(http.Request.Method, path, out var parameters, out _) is not { } route) return null;
        var endpoint = EndpointOf(route);
        if (!Scopes.Allow(key.Scopes, endpoint.Scope)) return $"the tracking server reads it as {endpoint.Label}, which needs {endpoint.Scope}; {key.KeyId} has {string.Join(',', key.Scopes)}";
        if (key.Grants is null) return null;
        try
        {
            using var call = new ApiCall(http, parameters);
            if (route.ReadsMessage) await call.ReadMessageAsync();
            var touched = Touched(route.Path, route.Method, call, target).Where(IsSecret).ToList();
            return touched.Count == 0 ? null : $"the tracking server reads it as {endpoint.Label} of {string.Join(", ", touched)}, which {key.KeyId} does not reach";
        }
        catch (Exception e) when (e is ApiException or JsonException or InvalidOperationException)
        {
            // It would be answered 400.
            return null;
        }
    }

    private static MlflowEndpoint EndpointOf(Route route)
    {
        foreach (var prefix in new[] { "/api/2.0", "/ajax-api/2.0", "" })
        {
            if (ByTemplate.TryGetValue($"{route.Method} {prefix}{route.Path}", out var found)) return found;
        }
        throw new InvalidOperationException($"{route.Method} {route.Path} is not in the catalogue");
    }

    /// <summary>What the tracking server's slices read from a message, each as it does.</summary>
    private static List<string> Touched(string path, string method, ApiCall call, string target)
    {
        var last = path[(path.LastIndexOf('/') + 1)..];
        if (path.StartsWith("/mlflow-artifacts/", StringComparison.Ordinal)) return [FirstOf(ArtifactPath.Clean(call.Parameters.Count > 0 ? call.Parameters[0] : call.Message.Text("path") ?? ""))];
        if (path == "/") return ["secret"];
        if (path is "/health" or "/version") return [];
        if (path.EndsWith("upload-artifact", StringComparison.Ordinal)) return [new QueryFields(RawTarget.QueryOf(target)).First("run_uuid") ?? ""];
        var message = call.Message;
        if (path.Contains("{model_id}", StringComparison.Ordinal)) return [Uri.UnescapeDataString(call.Parameters[0])];
        if (path.StartsWith("/mlflow/experiments/", StringComparison.Ordinal))
        {
            return last switch
            {
                "search" => [],
                "search-datasets" => message.Texts("experiment_ids"),
                "get-by-name" => [message.RequiredText("experiment_name")],
                "create" => [message.RequiredText("name"), .. PlaceOf(message.Text("artifact_location"))],
                "update" => [message.RequiredText("experiment_id"), message.RequiredText("new_name")],
                _ => [message.RequiredText("experiment_id")],
            };
        }
        if (path == "/mlflow/runs/create") return [message.Text("experiment_id") is { Length: > 0 } id ? id : "0"];
        if (path is "/mlflow/runs/search" or "/mlflow/logged-models/search") return message.Texts("experiment_ids");
        if (path == "/mlflow/logged-models") return [message.RequiredText("experiment_id")];
        if (last is "get-history-bulk") return message.Texts("run_id");
        if (last is "get-history-bulk-interval") return message.Texts("run_ids");
        if (path.StartsWith("/mlflow/registered-models/", StringComparison.Ordinal) || path.Contains("model-versions/", StringComparison.Ordinal))
        {
            if (last == "search") return [];
            return [message.RequiredText("name"), message.Text("new_name") ?? "", message.Text("run_id") is { } run && last == "create" ? run : "", message.Text("model_id") ?? "", .. PlaceOf(message.Text("source"))];
        }
        return [message.RequiredRunId(), message.Text("model_id") ?? "", .. message.Messages("models").Select(m => m.Text("model_id") ?? ""), .. message.Messages("metrics").Select(m => m.Text("model_id") ?? "")];
    }

    private static string[] PlaceOf(string? location)
    {
        if (location is null) return [];
        if (location.StartsWith("mlflow-artifacts:", StringComparison.Ordinal)) return [new ArtifactLocations(null, "./x", serve: true).Resolve(location, "").Path is var path ? FirstOf(path) : ""];
        if (location.StartsWith("models:/", StringComparison.Ordinal)) return [Uri.UnescapeDataString(FirstOf(location["models:".Length..].TrimStart('/')))];
        if (location.StartsWith("runs:/", StringComparison.Ordinal)) return [FirstOf(location["runs:/".Length..])];
        return location is "dummy-source" ? [] : ["secret: " + location];
    }

    private static string FirstOf(string path) => path.Split('/')[0];

    // Ids as the tracking server compares them; the empty path and experiment 0 are no key's with grants.
    private static bool IsSecret(string touched) =>
        touched is "r2" or "m-2" || touched.StartsWith("secret", StringComparison.Ordinal) || (long.TryParse(touched, System.Globalization.CultureInfo.InvariantCulture, out var id) && id != 1);

    private static string AnswerTo(string path, string target)
    {
        var query = new QueryFields(RawTarget.QueryOf(target));
        if (path.EndsWith("/experiments/get", StringComparison.Ordinal)) return query.First("experiment_id") switch { "1" => Experiment("1", "open"), "2" => Experiment("2", "secret"), "0" => Experiment("0", "Default"), _ => "{}" };
        if (path.EndsWith("/runs/get", StringComparison.Ordinal)) return query.First("run_id") is "r1" or "r2" ? Info("run", "run_id", query.First("run_id")!) : "{}";
        if (path.EndsWith("/logged-models/m-1", StringComparison.Ordinal) || path.EndsWith("/logged-models/m-2", StringComparison.Ordinal)) return Info("model", "model_id", path[^3..]);
        // The searches over all there is; the others name their experiments, which decides on them as a whole.
        if (new[] { "/experiments/search", "/registered-models/search", "/model-versions/search" }.Any(search => path.EndsWith(search, StringComparison.Ordinal))) return $$"""{"experiments":[{{Items}}],"registered_models":[{{Items}}],"model_versions":[{{Items}}]}""";
        return "{}";
    }

    private const string Items = $$"""{"name":"open"},{"name":"secret","tag":"{{Mark}}"},{"tag":"{{Mark}}"},{"name":"open-2"}""";

    private static string Experiment(string id, string name) => $$$"""{"experiment":{"experiment_id":"{{{id}}}","name":"{{{name}}}"} }""";

    private static string Info(string kind, string field, string id) => $$$"""{"{{{kind}}}":{"info":{"{{{field}}}":"{{{id}}}","experiment_id":"{{{id[^1]}}}","artifact_uri":"mlflow-artifacts:/{{{id[^1]}}}/{{{id}}}/artifacts"} } }""";

    // Listing them asks no store for anything.
    private static PathTable<Route> BuildRoutes()
    {
        var locations = new ArtifactLocations(null, "./mlartifacts", serve: true);
        return RouteTable.Build(TrackingServer.Routes(null!, new ExperimentStore(null!, locations, TimeProvider.System), locations, serveArtifacts: true, TimeProvider.System), "");
    }
}
