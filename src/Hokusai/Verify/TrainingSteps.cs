using System.Globalization;
using System.Text.Json.Nodes;

namespace Hokusai.Verify;

/// <summary>What a training script does: experiment, run, parameters, metrics, tags.</summary>
internal sealed class TrainingSteps(Registration made, TrackingApi api, ArtifactTransfer transfer, TimeProvider time)
{
    private const string Metric = "verify_loss";

    // Not representable in few digits: a server that rounds or prints them badly is found out.
    private static readonly double[] Losses = [1.0, 0.1 + 0.2, 1.0 / 3.0];

    private static readonly (string Key, string Value)[] Tags = [("verify.team", "growth"), ("verify.text", "Große Welle, 神奈川 %41")];

    public async Task<StepResult> CreateExperimentAsync(CancellationToken cancellation)
    {
        var reply = await made.MakeAsync(Leftover.Experiment, () =>
            api.PostAsync("experiments/create", new() { ["name"] = made.Name }, cancellation));
        made.ExperimentId = reply.Text("experiment_id");
        var read = await api.GetAsync(TrackingApi.Query("experiments/get", ("experiment_id", made.ExperimentId)), cancellation);
        read.Expect("experiment.name", made.Name);
        return StepResult.Pass($"{made.Name}, id {made.ExperimentId}");
    }

    public async Task<StepResult> CreateRunAsync(CancellationToken cancellation)
    {
        var reply = await made.MakeAsync(Leftover.Run, () => api.PostAsync("runs/create", new()
        {
            ["experiment_id"] = made.ExperimentId,
            ["user_id"] = "hokusai-verify",
            ["run_name"] = made.Name,
            ["start_time"] = Now,
            ["tags"] = new JsonArray(Pair("mlflow.user", "hokusai-verify"), Pair("mlflow.source.type", "LOCAL")),
        }, cancellation));
        made.RunId = reply.Text("run.info.run_id");
        var artifacts = reply.Text("run.info.artifact_uri");
        made.RunFolder = transfer.Folder(artifacts);
        return StepResult.Pass($"id {made.RunId}, artifacts at {artifacts}");
    }

    public async Task<StepResult> LogParamsAsync(CancellationToken cancellation)
    {
        await api.PostAsync("runs/log-batch", new()
        {
            ["run_id"] = made.RunId,
            ["params"] = new JsonArray(Pair("verify_mark", made.Mark), Pair("verify_depth", "3")),
        }, cancellation);
        var found = await PairsAsync("run.data.params", cancellation);
        Compare("parameter", [("verify_mark", made.Mark), ("verify_depth", "3")], found);
        return StepResult.Pass("2 parameters by log-batch");
    }

    public async Task<StepResult> LogMetricsAsync(CancellationToken cancellation)
    {
        var first = Point(0);
        first["run_id"] = made.RunId;
        await api.PostAsync("runs/log-metric", first, cancellation);
        await api.PostAsync("runs/log-batch", new() { ["run_id"] = made.RunId, ["metrics"] = new JsonArray(Point(1), Point(2)) }, cancellation);
        var query = TrackingApi.Query("metrics/get-history", ("run_id", made.RunId!), ("metric_key", Metric), ("max_results", "25000"));
        var reply = await api.GetAsync(query, cancellation);
        var found = reply.List("metrics").Select(Value).ToArray();
        if (!found.SequenceEqual(Losses))
            throw new StepFailedException($"{reply.Call}: logged {Join(Losses)}, read back {Join(found)}");
        return StepResult.Pass($"{Losses.Length} points by log-metric and log-batch");
    }

    public async Task<StepResult> SetTagsAsync(CancellationToken cancellation)
    {
        await api.PostAsync("runs/set-tag", new() { ["run_id"] = made.RunId, ["key"] = Tags[0].Key, ["value"] = Tags[0].Value }, cancellation);
        await api.PostAsync("runs/log-batch", new() { ["run_id"] = made.RunId, ["tags"] = new JsonArray(Pair(Tags[1].Key, Tags[1].Value)) }, cancellation);
        Compare("tag", Tags, await PairsAsync("run.data.tags", cancellation));
        return StepResult.Pass("by set-tag and log-batch");
    }

    public async Task<StepResult> FindRunAsync(CancellationToken cancellation)
    {
        var filter = $"metrics.{Metric} < 0.5 and params.verify_mark = '{made.Mark}'";
        var reply = await api.PostAsync("runs/search", new()
        {
            ["experiment_ids"] = new JsonArray(made.ExperimentId),
            ["filter"] = filter,
            ["run_view_type"] = "ACTIVE_ONLY",
            ["max_results"] = 100,
            ["order_by"] = new JsonArray($"metrics.{Metric} ASC"),
        }, cancellation);
        var found = reply.List("runs").Select(run => run["info"]?["run_id"]?.ToString()).ToArray();
        return found is [var only] && only == made.RunId
            ? StepResult.Pass(filter)
            : throw new StepFailedException($"{reply.Call}: the filter \"{filter}\" should find this run alone, it found {found.Length} runs");
    }

    public async Task<StepResult> FinishRunAsync(CancellationToken cancellation)
    {
        var reply = await api.PostAsync("runs/update", new() { ["run_id"] = made.RunId, ["status"] = "FINISHED", ["end_time"] = Now }, cancellation);
        reply.Expect("run_info.status", "FINISHED");
        return StepResult.Pass();
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<IReadOnlyDictionary<string, string?>> PairsAsync(string path, CancellationToken cancellation) =>
        (await api.GetAsync(TrackingApi.Query("runs/get", ("run_id", made.RunId!)), cancellation)).Pairs(path);

    private JsonObject Point(int step) => new() { ["key"] = Metric, ["value"] = Losses[step], ["timestamp"] = Now, ["step"] = step };

    private static JsonObject Pair(string key, string value) => new() { ["key"] = key, ["value"] = value };

    private static double Value(JsonObject metric) =>
        double.TryParse(metric["value"]?.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN;

    private static string Join(double[] values) => "[" + string.Join(", ", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture))) + "]";

    private static void Compare(string what, (string Key, string Value)[] sent, IReadOnlyDictionary<string, string?> found)
    {
        foreach (var (key, value) in sent)
        {
            var back = found.GetValueOrDefault(key);
            if (back != value) throw new StepFailedException($"the {what} {key} was set to '{value}' and reads back as {(back is null ? "nothing" : $"'{back}'")}");
        }
    }
}
