using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Hokusai.Tests.Verify;

/// <summary>A tracking server in memory, without a socket: as much of MLflow as a registration uses, and a place to break it.</summary>
internal sealed class FakeMlflow : HttpMessageHandler
{
    public const string Url = "http://mlflow.test/api/mlflow";
    public const string Suffix = "0000002a";

    private const string Run = "0123456789abcdef0123456789abcdef";
    private const string Model = "m-fedcba9876543210fedcba9876543210";
    private const string Rest = "/api/mlflow/api/2.0/mlflow/";
    private const string Artifacts = "/api/mlflow/api/2.0/mlflow-artifacts/artifacts";

    private readonly JsonArray _params = [];
    private readonly JsonArray _metrics = [];
    private readonly JsonArray _tags = [];
    private string _name = "";

    /// <summary>Answers first; null lets the server answer.</summary>
    public Func<string, HttpRequestMessage, CancellationToken, Task<HttpResponseMessage?>> Before { get; set; } = (_, _, _) => Task.FromResult<HttpResponseMessage?>(null);

    public string Version { get; set; } = "3.4.0";

    public bool LoggedModels { get; set; } = true;

    /// <summary>Method and path below the REST or artifact root, in order.</summary>
    public List<string> Calls { get; } = [];

    public HashSet<string?> Credentials { get; } = [];

    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Experiments, runs, models and so on that exist now.</summary>
    public HashSet<string> Things { get; } = [];

    public static HttpResponseMessage Answer(HttpStatusCode status, string body, string type = "application/json") =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, type) };

    public static HttpResponseMessage Error(HttpStatusCode status, string code, string message = "no") =>
        Answer(status, new JsonObject { ["error_code"] = code, ["message"] = message }.ToJsonString());

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        var name = path.StartsWith(Rest, StringComparison.Ordinal) ? path[Rest.Length..]
            : path.StartsWith(Artifacts, StringComparison.Ordinal) ? "artifacts" + path[Artifacts.Length..] : path;
        var call = $"{request.Method} {name}";
        Calls.Add(call);
        Credentials.Add(request.Headers.Authorization?.ToString());
        if (await Before(call, request, cancellationToken) is { } other) return other;
        if (name == "/api/mlflow/version") return Answer(HttpStatusCode.OK, Version, "text/plain");
        if (name.StartsWith("artifacts", StringComparison.Ordinal)) return await ArtifactAsync(request, Uri.UnescapeDataString(name["artifacts".Length..].TrimStart('/')), cancellationToken);
        var body = request.Content is null ? [] : JsonNode.Parse(await request.Content.ReadAsStringAsync(cancellationToken))!.AsObject();
        if (call is "POST experiments/create" or "POST registered-models/create") _name = body["name"]!.ToString();
        return Tracking(call, body) is { } json ? Answer(HttpStatusCode.OK, json.ToJsonString()) : Missing(call);
    }

    private static HttpResponseMessage Missing(string call) => call.Contains("logged-models", StringComparison.Ordinal)
        ? Answer(HttpStatusCode.NotFound, "<html>Not Found</html>", "text/html")
        : Error(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");

    private JsonObject? Tracking(string call, JsonObject body) => call switch
    {
        "POST experiments/create" => Make("experiment", new() { ["experiment_id"] = "7" }),
        "GET experiments/get" or "GET experiments/get-by-name" => Things.Contains("experiment") ? new() { ["experiment"] = new JsonObject { ["name"] = _name, ["experiment_id"] = "7" } } : null,
        "POST experiments/delete" => Drop("experiment"),
        "POST runs/create" => Make("run", new() { ["run"] = new JsonObject { ["info"] = new JsonObject { ["run_id"] = Run, ["artifact_uri"] = $"mlflow-artifacts:/7/{Run}/artifacts" } } }),
        "GET runs/get" => new() { ["run"] = new JsonObject { ["data"] = new JsonObject { ["params"] = _params.DeepClone(), ["tags"] = _tags.DeepClone() } } },
        "POST runs/log-batch" => Keep(body),
        "POST runs/log-metric" => Keep(new() { ["metrics"] = new JsonArray(body.DeepClone()) }),
        "POST runs/set-tag" => Keep(new() { ["tags"] = new JsonArray(body.DeepClone()) }),
        "GET metrics/get-history" => new() { ["metrics"] = _metrics.DeepClone() },
        "POST runs/search" => new() { ["runs"] = new JsonArray(new JsonObject { ["info"] = new JsonObject { ["run_id"] = Run } }) },
        "POST runs/update" => new() { ["run_info"] = new JsonObject { ["status"] = body["status"]?.DeepClone() } },
        "POST runs/delete" => Drop("run"),
        _ => Registry(call),
    };

    private JsonObject? Registry(string call) => call switch
    {
        "POST logged-models" when LoggedModels => Make("logged model", LoggedModel("LOGGED_MODEL_PENDING")),
        $"PATCH logged-models/{Model}" => LoggedModel("LOGGED_MODEL_READY"),
        $"DELETE logged-models/{Model}" => Drop("logged model"),
        "POST runs/outputs" => [],
        "POST registered-models/create" => Make("registered model", new() { ["registered_model"] = new JsonObject { ["name"] = _name } }),
        "GET registered-models/get" => Things.Contains("registered model") ? [] : null,
        "DELETE registered-models/delete" => Drop("registered model"),
        "POST model-versions/create" => Make("version", ModelVersion()),
        "GET model-versions/get" or "GET registered-models/alias" => ModelVersion(),
        "GET model-versions/get-download-uri" => new() { ["artifact_uri"] = LoggedModels ? $"mlflow-artifacts:/7/models/{Model}/artifacts" : $"mlflow-artifacts:/7/{Run}/artifacts/model" },
        "DELETE model-versions/delete" => Drop("version"),
        "POST registered-models/alias" => Make("alias", []),
        "DELETE registered-models/alias" => Drop("alias"),
        _ => null,
    };

    private static JsonObject ModelVersion() => new() { ["model_version"] = new JsonObject { ["version"] = "1", ["status"] = "READY" } };

    private static JsonObject LoggedModel(string status) => new()
    {
        ["model"] = new JsonObject { ["info"] = new JsonObject { ["model_id"] = Model, ["status"] = status, ["artifact_uri"] = $"mlflow-artifacts:/7/models/{Model}/artifacts" } },
    };

    private JsonObject Make(string thing, JsonObject answer)
    {
        Things.Add(thing);
        return answer;
    }

    private JsonObject? Drop(string thing) => Things.Remove(thing) ? [] : null;

    private JsonObject Keep(JsonObject body)
    {
        foreach (var (field, list) in new[] { ("params", _params), ("metrics", _metrics), ("tags", _tags) })
            foreach (var item in body[field]?.AsArray() ?? []) list.Add(item!.DeepClone());
        return [];
    }

    private async Task<HttpResponseMessage> ArtifactAsync(HttpRequestMessage request, string path, CancellationToken cancellation)
    {
        if (path.Length == 0) return List(Uri.UnescapeDataString(request.RequestUri!.Query["?path=".Length..]) + "/");
        if (request.Method == HttpMethod.Get) return Files.TryGetValue(path, out var file) ? new(HttpStatusCode.OK) { Content = new ByteArrayContent(file) } : Missing("GET");
        if (request.Method == HttpMethod.Delete)
        {
            foreach (var name in Files.Keys.Where(name => (name + "/").StartsWith(path + "/", StringComparison.Ordinal)).ToList()) Files.Remove(name);
            return Answer(HttpStatusCode.OK, "{}");
        }
        var bytes = new byte[request.Content!.Headers.ContentLength!.Value];
        using var stream = new MemoryStream(bytes);
        await request.Content.CopyToAsync(stream, cancellation);
        Files[path] = bytes;
        return Answer(HttpStatusCode.OK, "{}");
    }

    private HttpResponseMessage List(string folder)
    {
        var files = Files.Where(file => file.Key.StartsWith(folder, StringComparison.Ordinal) && !file.Key[folder.Length..].Contains('/'))
            .Select(file => (JsonNode)new JsonObject { ["path"] = file.Key[folder.Length..], ["is_dir"] = false, ["file_size"] = file.Value.Length });
        return Answer(HttpStatusCode.OK, new JsonObject { ["files"] = new JsonArray([.. files]) }.ToJsonString());
    }
}
