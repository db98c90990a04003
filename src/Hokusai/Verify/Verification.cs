using System.Security.Cryptography;

namespace Hokusai.Verify;

/// <summary>The complete registration of a model, as MLflow's client does it, and its removal.</summary>
internal sealed class Verification
{
    // Ctrl-C must not leave a model behind, nor keep the user waiting for ever.
    private static readonly TimeSpan CleanUpLimit = TimeSpan.FromSeconds(60);

    private readonly VerifyTarget _target;
    private readonly TimeProvider _time;
    private readonly Func<HttpMessageHandler> _handler;
    private readonly string _suffix;

    public Verification(VerifyTarget target, TimeProvider time)
        : this(target, time, VerifyHttp.Sockets, RandomNumberGenerator.GetHexString(8, lowercase: true))
    {
    }

    /// <summary>For tests: another way to the server, and names that are known beforehand.</summary>
    internal Verification(VerifyTarget target, TimeProvider time, Func<HttpMessageHandler> handler, string suffix) =>
        (_target, _time, _handler, _suffix) = (target, time, handler, suffix);

    /// <summary>Runs every step. Fails by no exception: what goes wrong stands in the report.</summary>
    /// <param name="onStep">Called as each step ends.</param>
    /// <param name="cancellation">Ends the registration; what was made is removed all the same.</param>
    public async Task<VerifyReport> RunAsync(Action<VerifyStep> onStep, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        using var http = new VerifyHttp(_handler(), _time, _target.Key);
        var address = new TrackingAddress(_target.TrackingUrl);
        var api = new TrackingApi(http, address);
        var transfer = new ArtifactTransfer(http, address);
        var made = new Registration(_suffix);
        var runner = new StepRunner(_time, _target.Key, onStep);

        var reach = new ReachStep(made, api, address, http);
        var work = Work(reach, new TrainingSteps(made, api, transfer, _time), new ArtifactSteps(made, transfer), new ModelSteps(made, api, transfer, _time), new RegistrySteps(made, api, transfer, _time));
        await runner.RunAsync(work, stopOnFailure: true, "interrupted", cancellation);

        using var limit = new CancellationTokenSource(CleanUpLimit, _time);
        await runner.RunAsync(CleanUp(new RemovalSteps(made, api, transfer)), stopOnFailure: false, $"clean-up took longer than {CleanUpLimit.TotalSeconds:0} s", limit.Token);
        return new VerifyReport(runner.Steps, _time.GetElapsedTime(started), address.Url) { Reached = runner.Reached };
    }

    private static PlannedStep[] Work(ReachStep reach, TrainingSteps training, ArtifactSteps artifacts, ModelSteps model, RegistrySteps registry) =>
    [
        new("server reached", reach.ReachAsync),
        new("experiment created", training.CreateExperimentAsync),
        new("run created", training.CreateRunAsync),
        new("parameters logged", training.LogParamsAsync),
        new("metrics logged and read back", training.LogMetricsAsync),
        new("tags set", training.SetTagsAsync),
        new("artifact of 1 B uploaded", cancellation => artifacts.UploadAsync("1 B", 1, cancellation)),
        new("artifact of 1 KiB uploaded", cancellation => artifacts.UploadAsync("1 KiB", 1 << 10, cancellation)),
        new("artifact of 5 MiB uploaded", cancellation => artifacts.UploadAsync("5 MiB", 5 << 20, cancellation)),
        new("artifact of 64 MiB uploaded", cancellation => artifacts.UploadAsync("64 MiB", 64 << 20, cancellation)),
        new("artifacts listed with their sizes", artifacts.ListAsync),
        new("logged model created", model.CreateAsync),
        new("model files uploaded", model.UploadAsync),
        new("logged model finalized", model.FinalizeAsync),
        new("logged model linked to the run", model.LinkAsync),
        new("model registered", registry.RegisterAsync),
        new("model version created", registry.CreateVersionAsync),
        new("model version ready", registry.AwaitReadyAsync),
        new("alias champion set", registry.SetAliasAsync),
        new("alias champion resolved", registry.ResolveAliasAsync),
        new("download URI answered", registry.FindFilesAsync),
        new("model files downloaded, equal", registry.DownloadAsync),
        new("artifacts downloaded, equal", artifacts.DownloadAsync),
        new("run found by metric and parameter", training.FindRunAsync),
        new("run finished", training.FinishRunAsync),
    ];

    private static PlannedStep[] CleanUp(RemovalSteps removal) =>
    [
        new("alias removed", removal.RemoveAliasAsync),
        new("model version removed", removal.RemoveVersionAsync),
        new("registered model removed", removal.RemoveRegisteredModelAsync),
        new("logged model removed", removal.RemoveLoggedModelAsync),
        new("artifacts removed", removal.RemoveArtifactsAsync),
        new("run removed", removal.RemoveRunAsync),
        new("experiment removed", removal.RemoveExperimentAsync),
        new("registered model gone", removal.CheckModelGoneAsync),
        new("artifact gone", removal.CheckArtifactGoneAsync),
    ];
}
