using System.CommandLine;
using Hokusai.Tracking;

namespace Hokusai.Serve;

/// <summary><c>hokusai serve tracking</c>: takes the flags of <c>mlflow server</c>, with their meaning, so that it can stand in for it in any script.</summary>
internal static class ServeTracking
{
    public static Command Create()
    {
        var host = ServeCommand.Host();
        var port = ServeCommand.Port(5000);
        var store = new Option<string>("--backend-store-uri") { Description = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME", DefaultValueFactory = _ => "sqlite:///mlflow.db" };
        var root = new Option<string?>("--default-artifact-root") { Description = "root of new experiments' artifacts (default: mlflow-artifacts:/ while artifacts are served, ./mlruns otherwise)" };
        var destination = new Option<string>("--artifacts-destination") { Description = "folder or s3://BUCKET/PREFIX behind mlflow-artifacts:/", DefaultValueFactory = _ => "./mlartifacts" };
        var serve = new Option<bool>("--serve-artifacts") { Description = "artifacts go through the server (default)" };
        var noServe = new Option<bool>("--no-serve-artifacts") { Description = "clients reach the artifacts' location themselves" };
        var prefix = new Option<string>("--static-prefix") { Description = "path in front of the UI's endpoints", DefaultValueFactory = _ => "" };
        var hosts = new Option<string?>("--allowed-hosts") { Description = "comma-separated host names (with port; * is a wildcard) under which the server may be asked" };
        var workers = new Option<int>("--workers", "-w") { Description = "reads that run side by side", DefaultValueFactory = _ => 4 };
        var wait = ServeCommand.StartWait();
        var command = new Command("tracking", "the MLflow-compatible tracking server") { host, port, store, root, destination, serve, noServe, prefix, hosts, workers, wait };
        command.SetAction((parsed, cancellation) =>
        {
            if (parsed.GetValue(serve) && parsed.GetValue(noServe)) throw CommandFailure.Usage("--serve-artifacts and --no-serve-artifacts contradict each other: give one");
            var options = new TrackingOptions
            {
                BackendStoreUri = parsed.GetValue(store)!,
                DefaultArtifactRoot = parsed.GetValue(root),
                ArtifactsDestination = parsed.GetValue(destination)!,
                S3Endpoint = S3Endpoint(),
                ServeArtifacts = !parsed.GetValue(noServe),
                StaticPrefix = parsed.GetValue(prefix)!,
                AllowedHosts = parsed.GetValue(hosts)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
                Workers = parsed.GetValue(workers),
            };
            var address = ListenAddress.Parse(parsed.GetValue(host)!, parsed.GetValue(port));
            return ServeCommand.RunAsync("tracking", around => RunningRole.StartTrackingAsync(options, address, around, cancellation), parsed.InvocationConfiguration.Output, cancellation, startWait: parsed.GetValue(wait));
        });
        return command;
    }

    // As MLflow's own S3 store finds it; AWS' names come after MLflow's.
    private static string? S3Endpoint() => ((string[])["MLFLOW_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]).Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));
}
