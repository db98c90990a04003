using static Hokusai.Gateway.Catalogue.FieldPlace;
using static Hokusai.Gateway.Catalogue.ResourceKind;

namespace Hokusai.Gateway.Catalogue;

/// <summary>
/// Which experiments and models each endpoint touches, by its label. What is in no list touches everything in a way that can't be told,
/// so that a key with grants is refused: forgetting an endpoint here closes it.
/// </summary>
internal static class ReachTable
{
    private const string V2 = "/api/2.0/mlflow/";
    private const string V3 = "/api/3.0/mlflow/";
    private const string Store = "/api/2.0/mlflow-artifacts/";

    private static readonly ResourceField Experiment = new(ExperimentId, "experiment_id");
    private static readonly ResourceField Experiments = new(ExperimentId, "experiment_ids") { IsList = true };
    private static readonly ResourceField OfRun = new(Run, "run_id|run_uuid");
    private static readonly ResourceField OfModel = new(Model, "name");
    private static readonly ResourceField OfLoggedModel = new(LoggedModel, "model_id", FieldPlace.Path);
    private static readonly ResourceField StorePath = new(ArtifactPath, "path", FieldPlace.Path);
    private static readonly EndpointReach Everything = new(Domains.Both, []);

    private static readonly Dictionary<string, EndpointReach> Known = Build();

    /// <summary>The endpoints of which it is known.</summary>
    public static IEnumerable<string> Labels => Known.Keys;

    /// <summary>What an endpoint touches.</summary>
    /// <param name="label">Its label.</param>
    public static EndpointReach Of(string label) => Known.GetValueOrDefault(label, Everything);

    private static Dictionary<string, EndpointReach> Build()
    {
        var known = new Dictionary<string, EndpointReach>(StringComparer.Ordinal);
        AddTracking(known);
        AddRegistry(known);
        AddLoggedModels(known);
        AddArtifacts(known);
        AddTraces(known);
        Add(known, new EndpointReach(Domains.None, []), "GET /health", "GET /version", "GET /static-files/{*path}", $"GET {V3}server-info");
        return known;
    }

    private static void AddTracking(Dictionary<string, EndpointReach> known)
    {
        Add(known, By(Experiment), $"GET {V2}experiments/get", $"POST {V2}experiments/delete", $"POST {V2}experiments/restore", $"POST {V2}experiments/set-experiment-tag",
            $"POST {V2}experiments/delete-experiment-tag", $"POST {V2}runs/create-promptlab-run");
        Add(known, By(new ResourceField(ExperimentName, "experiment_name")), $"GET {V2}experiments/get-by-name");
        var search = new EndpointReach(Domains.Experiments, [], new SearchResults(Domains.Experiments, "experiments", 1000, 50_000));
        Add(known, search, $"GET {V2}experiments/search", $"POST {V2}experiments/search");
        Add(known, By(Experiments), $"POST {V2}experiments/search-datasets");
        // A location of one's own could lie in another experiment's folder.
        Add(known, By(new ResourceField(ExperimentName, "name"), new ResourceField(Location, "artifact_location", IsOptional: true)), $"POST {V2}experiments/create");
        Add(known, By(Experiment, new ResourceField(ExperimentName, "new_name")), $"POST {V2}experiments/update");

        Add(known, By(OfRun), $"GET {V2}runs/get", $"POST {V2}runs/update", $"POST {V2}runs/delete", $"POST {V2}runs/restore", $"POST {V2}runs/log-parameter", $"POST {V2}runs/set-tag",
            $"POST {V2}runs/delete-tag", $"POST {V2}runs/log-model", $"GET {V2}metrics/get-history", $"GET {V2}artifacts/list", "GET /get-artifact");
        Add(known, By(Experiment with { Default = "0" }), $"POST {V2}runs/create");
        // A search in no experiment finds nothing.
        Add(known, By(Experiments with { IsOptional = true }), $"POST {V2}runs/search");
        // A metric of a logged model is written to that model too.
        Add(known, By(OfRun, new ResourceField(LoggedModel, "model_id", IsOptional: true)), $"POST {V2}runs/log-metric");
        Add(known, By(OfRun, new ResourceField(LoggedModel, "metrics[].model_id", IsOptional: true)), $"POST {V2}runs/log-batch");
        Add(known, By(OfRun, new ResourceField(LoggedModel, "models[].model_id", IsOptional: true)), $"POST {V2}runs/log-inputs", $"POST {V2}runs/outputs");
        Add(known, By(new ResourceField(Run, "run_id") { IsList = true }), $"GET {V2}metrics/get-history-bulk");
        Add(known, By(new ResourceField(Run, "run_ids") { IsList = true }), $"GET {V2}metrics/get-history-bulk-interval");
        Add(known, By(new ResourceField(Run, "run_uuid", Query)), $"POST {V2}upload-artifact");
    }

    private static void AddRegistry(Dictionary<string, EndpointReach> known)
    {
        Add(known, By(OfModel), $"POST {V2}registered-models/create", $"GET {V2}registered-models/get", $"PATCH {V2}registered-models/update", $"DELETE {V2}registered-models/delete",
            $"POST {V2}registered-models/set-tag", $"DELETE {V2}registered-models/delete-tag", $"GET {V2}registered-models/get-latest-versions", $"POST {V2}registered-models/get-latest-versions",
            $"GET {V2}registered-models/alias", $"POST {V2}registered-models/alias", $"DELETE {V2}registered-models/alias", $"GET {V2}model-versions/get", $"GET {V2}model-versions/get-download-uri",
            $"PATCH {V2}model-versions/update", $"DELETE {V2}model-versions/delete", $"POST {V2}model-versions/transition-stage", $"POST {V2}model-versions/set-tag", $"DELETE {V2}model-versions/delete-tag",
            "GET /model-versions/get-artifact");
        Add(known, By(OfModel, new ResourceField(Model, "new_name")), $"POST {V2}registered-models/rename");
        // A version serves what lies at its source, and its logged model gets a tag.
        Add(known, By(OfModel, new ResourceField(Run, "run_id", IsOptional: true), new ResourceField(LoggedModel, "model_id", IsOptional: true), new ResourceField(Location, "source")), $"POST {V2}model-versions/create");
        Add(known, new EndpointReach(Domains.Models, [], new SearchResults(Domains.Models, "registered_models", 100, 1000)), $"GET {V2}registered-models/search");
        Add(known, new EndpointReach(Domains.Models, [], new SearchResults(Domains.Models, "model_versions", 200_000, 200_000)), $"GET {V2}model-versions/search");
    }

    private static void AddLoggedModels(Dictionary<string, EndpointReach> known)
    {
        Add(known, By(Experiment), $"POST {V2}logged-models");
        Add(known, By(Experiments), $"POST {V2}logged-models/search");
        Add(known, By(OfLoggedModel), $"GET {V2}logged-models/{{model_id}}", $"PATCH {V2}logged-models/{{model_id}}", $"DELETE {V2}logged-models/{{model_id}}", $"POST {V2}logged-models/{{model_id}}/params",
            $"PATCH {V2}logged-models/{{model_id}}/tags", $"DELETE {V2}logged-models/{{model_id}}/tags/{{tag_key}}", $"GET {V2}logged-models/{{model_id}}/artifacts/directories", $"GET {V2}logged-models/{{model_id}}/artifacts/files");
    }

    private static void AddArtifacts(Dictionary<string, EndpointReach> known)
    {
        Add(known, By(new ResourceField(ArtifactPath, "path")), $"GET {Store}artifacts");
        Add(known, By(StorePath), $"GET {Store}artifacts/{{*path}}", $"PUT {Store}artifacts/{{*path}}", $"DELETE {Store}artifacts/{{*path}}", $"POST {Store}mpu/create/{{*path}}",
            $"POST {Store}mpu/complete/{{*path}}", $"POST {Store}mpu/abort/{{*path}}");
    }

    private static void AddTraces(Dictionary<string, EndpointReach> known)
    {
        Add(known, By(Experiments), $"GET {V2}traces", $"POST {V3}traces/calculate-filter-correlation", $"POST {V3}datasets/create", $"GET {V3}datasets/search", $"POST {V3}datasets/search");
        Add(known, By(Experiment), $"POST {V2}traces", $"POST {V2}traces/delete-traces", $"POST {V3}traces/delete-traces", $"GET {V3}scorers/list", $"GET {V3}scorers/versions", $"GET {V3}scorers/get",
            $"POST {V3}scorers/register", $"DELETE {V3}scorers/delete");
        Add(known, By(new ResourceField(ExperimentId, "trace.trace_info.trace_location.mlflow_experiment.experiment_id")), $"POST {V3}traces");
        Add(known, By(new ResourceField(ExperimentId, "locations[].mlflow_experiment.experiment_id")), $"POST {V3}traces/search");
        Add(known, By(new ResourceField(ExperimentId, "x-mlflow-experiment-id", Header)), "POST /v1/traces");
        // By the trace's or dataset's own id, from which nothing follows here.
        Add(known, new EndpointReach(Domains.Experiments, []), $"GET {V2}traces/{{request_id}}/info", $"GET {V2}get-trace-artifact", $"PATCH {V2}traces/{{request_id}}", $"PATCH {V2}traces/{{request_id}}/tags",
            $"DELETE {V2}traces/{{request_id}}/tags", $"POST {V2}traces/link-to-run", $"GET {V3}traces/get", $"GET {V3}traces/batchGet", $"GET {V3}traces/{{trace_id}}",
            $"GET {V3}traces/{{trace_id}}/assessments/{{assessment_id}}", $"PATCH {V3}traces/{{trace_id}}/tags", $"DELETE {V3}traces/{{trace_id}}/tags", $"POST {V3}traces/{{trace_id}}/assessments",
            $"PATCH {V3}traces/{{trace_id}}/assessments/{{assessment_id}}", $"DELETE {V3}traces/{{trace_id}}/assessments/{{assessment_id}}", $"GET {V3}datasets/{{id}}", $"GET {V3}datasets/{{id}}/records",
            $"GET {V3}datasets/{{id}}/experiment-ids", $"DELETE {V3}datasets/{{id}}", $"PATCH {V3}datasets/{{id}}/tags", $"DELETE {V3}datasets/{{id}}/tags/{{key}}", $"POST {V3}datasets/{{id}}/records",
            $"POST {V3}datasets/{{id}}/add-experiments", $"POST {V3}datasets/{{id}}/remove-experiments", $"GET {V2}experiments/list");
    }

    private static EndpointReach By(params ResourceField[] fields) => new(fields.Aggregate(Domains.None, (all, field) => all | field.Domain), fields);

    private static void Add(Dictionary<string, EndpointReach> known, EndpointReach reach, params string[] labels)
    {
        foreach (var label in labels) known.Add(label, reach);
    }
}
