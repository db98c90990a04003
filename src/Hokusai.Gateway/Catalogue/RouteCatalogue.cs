using Hokusai.Contracts.Routing;

namespace Hokusai.Gateway.Catalogue;

/// <summary>
/// Every endpoint of MLflow 2.9 to 3.x under every prefix. What is not in it is refused: MLflow and its plug-ins spent
/// years closing routes that somebody had forgotten to protect.
/// </summary>
internal static class RouteCatalogue
{
    private static readonly string[] Rest2 = ["/api/2.0", "/ajax-api/2.0"];
    private static readonly string[] Rest3 = ["/api/3.0", "/ajax-api/3.0"];
    private static readonly string[] None = [""];

    // A second time makes a second thing, or answers an error that looks like the first had failed. What is in no list and writes may be
    // sent again: tags, aliases, updates, metrics and parameters end as they would have after one time.
    private static readonly HashSet<string> OnlyOnce = new(StringComparer.Ordinal)
    {
        "POST /mlflow/experiments/create",
        "POST /mlflow/experiments/delete",
        "POST /mlflow/experiments/restore",
        "POST /mlflow/experiments/delete-experiment-tag",
        "POST /mlflow/runs/create",
        "POST /mlflow/runs/delete-tag",
        "POST /mlflow/runs/log-model",
        "POST /mlflow/runs/outputs",
        "POST /mlflow/runs/create-promptlab-run",
        "POST /mlflow/registered-models/create",
        "POST /mlflow/registered-models/rename",
        "DELETE /mlflow/registered-models/delete",
        "POST /mlflow/model-versions/create",
        "POST /mlflow/model-versions/transition-stage",
        "DELETE /mlflow/model-versions/delete",
        "POST /mlflow/logged-models",
        "POST /mlflow/logged-models/{model_id}/params",
        "DELETE /mlflow/logged-models/{model_id}/tags/{tag_key}",
        "POST /mlflow-artifacts/mpu/create/{*path}",
        "POST /mlflow-artifacts/mpu/complete/{*path}",
        "POST /mlflow-artifacts/mpu/abort/{*path}",
        "POST /mlflow/traces",
        "DELETE /mlflow/traces/{request_id}/tags",
        "DELETE /mlflow/traces/{trace_id}/tags",
        "POST /mlflow/traces/{trace_id}/assessments",
        "POST /v1/traces",
        "POST /mlflow/datasets/create",
        "DELETE /mlflow/datasets/{id}/tags/{key}",
        "POST /mlflow/scorers/register",
        "DELETE /mlflow/scorers/delete",
        "POST /mlflow/webhooks",
        "DELETE /mlflow/webhooks/{id}",
        "POST /mlflow/webhooks/{id}/test",
        "GET /mlflow/gateway-proxy",
        "POST /mlflow/gateway-proxy",
    };

    /// <summary>Builds the table.</summary>
    public static PathTable<MlflowEndpoint> Build()
    {
        var table = new PathTable<MlflowEndpoint>();
        AddTracking(table);
        AddRegistry(table);
        AddLoggedModels(table);
        AddArtifacts(table);
        AddTraces(table);
        AddDatasetsAndScorers(table);
        AddService(table);
        return table;
    }

    private static void AddTracking(PathTable<MlflowEndpoint> table)
    {
        Read(table, Rest2, "GET /mlflow/experiments/get", "GET /mlflow/experiments/get-by-name", "GET /mlflow/experiments/search", "POST /mlflow/experiments/search",
            "GET /mlflow/experiments/list", "POST /mlflow/experiments/search-datasets", "GET /mlflow/runs/get", "POST /mlflow/runs/search", "GET /mlflow/metrics/get-history",
            "GET /mlflow/metrics/get-history-bulk", "GET /mlflow/metrics/get-history-bulk-interval", "GET /mlflow/artifacts/list");
        Write(table, Rest2, "POST /mlflow/experiments/create", "POST /mlflow/experiments/update", "POST /mlflow/experiments/delete", "POST /mlflow/experiments/restore",
            "POST /mlflow/experiments/set-experiment-tag", "POST /mlflow/experiments/delete-experiment-tag", "POST /mlflow/runs/create", "POST /mlflow/runs/update",
            "POST /mlflow/runs/delete", "POST /mlflow/runs/restore", "POST /mlflow/runs/log-metric", "POST /mlflow/runs/log-parameter", "POST /mlflow/runs/set-tag",
            "POST /mlflow/runs/delete-tag", "POST /mlflow/runs/log-batch", "POST /mlflow/runs/log-model", "POST /mlflow/runs/log-inputs", "POST /mlflow/runs/outputs",
            "POST /mlflow/runs/create-promptlab-run");
    }

    private static void AddRegistry(PathTable<MlflowEndpoint> table)
    {
        Read(table, Rest2, "GET /mlflow/registered-models/get", "GET /mlflow/registered-models/search", "POST /mlflow/registered-models/get-latest-versions",
            "GET /mlflow/registered-models/get-latest-versions", "GET /mlflow/registered-models/alias", "GET /mlflow/model-versions/get", "GET /mlflow/model-versions/search",
            "GET /mlflow/model-versions/get-download-uri");
        RegistryWrite(table, Rest2, "POST /mlflow/registered-models/create", "POST /mlflow/registered-models/rename", "PATCH /mlflow/registered-models/update",
            "DELETE /mlflow/registered-models/delete", "POST /mlflow/registered-models/set-tag", "DELETE /mlflow/registered-models/delete-tag", "POST /mlflow/registered-models/alias",
            "DELETE /mlflow/registered-models/alias", "POST /mlflow/model-versions/create", "PATCH /mlflow/model-versions/update", "POST /mlflow/model-versions/transition-stage",
            "DELETE /mlflow/model-versions/delete", "POST /mlflow/model-versions/set-tag", "DELETE /mlflow/model-versions/delete-tag");
        // A webhook makes the server send requests to an address of the caller's choice.
        Admin(table, Rest2, "POST /mlflow/webhooks", "GET /mlflow/webhooks", "GET /mlflow/webhooks/{id}", "PATCH /mlflow/webhooks/{id}", "DELETE /mlflow/webhooks/{id}", "POST /mlflow/webhooks/{id}/test");
    }

    private static void AddLoggedModels(PathTable<MlflowEndpoint> table)
    {
        Read(table, Rest2, "POST /mlflow/logged-models/search", "GET /mlflow/logged-models/{model_id}", "GET /mlflow/logged-models/{model_id}/artifacts/directories");
        Read(table, Rest2, BodyClass.Artifact, "GET /mlflow/logged-models/{model_id}/artifacts/files");
        Write(table, Rest2, "POST /mlflow/logged-models", "PATCH /mlflow/logged-models/{model_id}", "DELETE /mlflow/logged-models/{model_id}", "POST /mlflow/logged-models/{model_id}/params",
            "PATCH /mlflow/logged-models/{model_id}/tags", "DELETE /mlflow/logged-models/{model_id}/tags/{tag_key}");
    }

    private static void AddArtifacts(PathTable<MlflowEndpoint> table)
    {
        Read(table, Rest2, "GET /mlflow-artifacts/artifacts");
        Read(table, Rest2, BodyClass.Artifact, "GET /mlflow-artifacts/artifacts/{*path}");
        Write(table, Rest2, BodyClass.Artifact, "PUT /mlflow-artifacts/artifacts/{*path}", "POST /mlflow/upload-artifact");
        Write(table, Rest2, "DELETE /mlflow-artifacts/artifacts/{*path}", "POST /mlflow-artifacts/mpu/create/{*path}", "POST /mlflow-artifacts/mpu/complete/{*path}", "POST /mlflow-artifacts/mpu/abort/{*path}");
        Read(table, None, BodyClass.Artifact, "GET /get-artifact", "GET /model-versions/get-artifact");
    }

    private static void AddTraces(PathTable<MlflowEndpoint> table)
    {
        Read(table, Rest2, "GET /mlflow/traces", "GET /mlflow/traces/{request_id}/info", "GET /mlflow/get-trace-artifact");
        Write(table, Rest2, "POST /mlflow/traces", "PATCH /mlflow/traces/{request_id}", "PATCH /mlflow/traces/{request_id}/tags", "DELETE /mlflow/traces/{request_id}/tags",
            "POST /mlflow/traces/delete-traces", "POST /mlflow/traces/link-to-run");
        Read(table, Rest3, "GET /mlflow/traces/get", "GET /mlflow/traces/batchGet", "POST /mlflow/traces/search", "POST /mlflow/traces/calculate-filter-correlation", "GET /mlflow/traces/{trace_id}",
            "GET /mlflow/traces/{trace_id}/assessments/{assessment_id}");
        Write(table, Rest3, "POST /mlflow/traces", "POST /mlflow/traces/delete-traces", "PATCH /mlflow/traces/{trace_id}/tags", "DELETE /mlflow/traces/{trace_id}/tags",
            "POST /mlflow/traces/{trace_id}/assessments", "PATCH /mlflow/traces/{trace_id}/assessments/{assessment_id}", "DELETE /mlflow/traces/{trace_id}/assessments/{assessment_id}");
        Write(table, None, "POST /v1/traces");
    }

    private static void AddDatasetsAndScorers(PathTable<MlflowEndpoint> table)
    {
        Read(table, Rest3, "GET /mlflow/datasets/search", "POST /mlflow/datasets/search", "GET /mlflow/datasets/{id}", "GET /mlflow/datasets/{id}/records", "GET /mlflow/datasets/{id}/experiment-ids",
            "GET /mlflow/scorers/list", "GET /mlflow/scorers/versions", "GET /mlflow/scorers/get", "GET /mlflow/server-info");
        Write(table, Rest3, "POST /mlflow/datasets/create", "DELETE /mlflow/datasets/{id}", "PATCH /mlflow/datasets/{id}/tags", "DELETE /mlflow/datasets/{id}/tags/{key}",
            "POST /mlflow/datasets/{id}/records", "POST /mlflow/datasets/{id}/add-experiments", "POST /mlflow/datasets/{id}/remove-experiments", "POST /mlflow/scorers/register", "DELETE /mlflow/scorers/delete");
        // The deployments gateway behind MLflow calls language models at somebody's cost.
        Admin(table, ["/ajax-api/2.0"], "GET /mlflow/gateway-proxy", "POST /mlflow/gateway-proxy");
    }

    private static void AddService(PathTable<MlflowEndpoint> table)
    {
        Read(table, None, "GET /", "GET /health", "GET /version", "GET /graphql", "POST /graphql");
        Read(table, None, BodyClass.Artifact, "GET /static-files/{*path}");
    }

    private static void Read(PathTable<MlflowEndpoint> table, string[] prefixes, params string[] endpoints) => Add(table, prefixes, EndpointClass.Read, BodyClass.Metadata, endpoints);

    private static void Read(PathTable<MlflowEndpoint> table, string[] prefixes, BodyClass body, params string[] endpoints) => Add(table, prefixes, EndpointClass.Read, body, endpoints);

    private static void Write(PathTable<MlflowEndpoint> table, string[] prefixes, params string[] endpoints) => Add(table, prefixes, EndpointClass.Write, BodyClass.Metadata, endpoints);

    private static void Write(PathTable<MlflowEndpoint> table, string[] prefixes, BodyClass body, params string[] endpoints) => Add(table, prefixes, EndpointClass.Write, body, endpoints);

    private static void RegistryWrite(PathTable<MlflowEndpoint> table, string[] prefixes, params string[] endpoints) => Add(table, prefixes, EndpointClass.RegistryWrite, BodyClass.Metadata, endpoints);

    private static void Admin(PathTable<MlflowEndpoint> table, string[] prefixes, params string[] endpoints) => Add(table, prefixes, EndpointClass.Admin, BodyClass.Metadata, endpoints);

    private static void Add(PathTable<MlflowEndpoint> table, string[] prefixes, EndpointClass kind, BodyClass body, string[] endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            var space = endpoint.IndexOf(' ', StringComparison.Ordinal);
            var (method, path) = (endpoint[..space], endpoint[(space + 1)..]);
            // All twins of an endpoint share one label: a metric must not split by prefix.
            var known = new MlflowEndpoint($"{method} {prefixes[0].Replace("/ajax-api", "/api", StringComparison.Ordinal)}{path}", kind, body, RetryOf(endpoint, kind));
            foreach (var prefix in prefixes) table.Add(method, prefix + path, known);
        }
    }

    private static RetryClass RetryOf(string endpoint, EndpointClass kind) =>
        OnlyOnce.Contains(endpoint) ? RetryClass.Never : kind == EndpointClass.Read || endpoint.StartsWith("GET ", StringComparison.Ordinal) ? RetryClass.Safe : RetryClass.IdempotentWrite;
}
